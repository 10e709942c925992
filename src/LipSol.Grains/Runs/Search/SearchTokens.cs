using System.Text;

namespace LipSol.Grains.Runs.Search;

internal enum TokenKind { Word, QuotedName, Text, Number, Symbol, End }

/// <param name="Kind">What it is.</param>
/// <param name="Value">A text without its quotes; else as it's written.</param>
/// <param name="Position">Where it begins.</param>
internal readonly record struct Token(TokenKind Kind, string Value, int Position)
{
    public bool Is(string symbol) => Kind == TokenKind.Symbol && Value == symbol;
    public bool IsWord(string word) => Kind == TokenKind.Word && Value.Equals(word, StringComparison.OrdinalIgnoreCase);
    public string Told => Kind switch
    {
        TokenKind.End => "the end",
        TokenKind.Text => $"the text '{Short(Value)}'",
        _ => $"\"{Short(Value)}\"",
    };

    private static string Short(string text) => text.Length <= 40 ? text : text[..40] + "…";
}

/// <summary>Cuts a search into words, names, texts, numbers and symbols.</summary>
internal static class SearchTokens
{
    public const int LongestSearch = 8192;

    /// <exception cref="RunSearchException">Something in it is none of these.</exception>
    public static List<Token> Read(string text)
    {
        if (text.Length > LongestSearch) throw new RunSearchException($"the search has {text.Length} characters; at most {LongestSearch} are read.", text, LongestSearch);
        var tokens = new List<Token>();
        int at = 0;
        while (true)
        {
            while (at < text.Length && char.IsWhiteSpace(text[at])) at++;
            if (at == text.Length) break;
            // What follows a dot is part of a name, digits and all: metrics.2x.
            bool behindName = tokens is [.., { Kind: TokenKind.Word or TokenKind.QuotedName }];
            tokens.Add(text[at] == '.' && behindName ? new Token(TokenKind.Symbol, ".", at++) : Next(text, ref at, inName: tokens.Count > 0 && tokens[^1].Is(".")));
        }
        tokens.Add(new Token(TokenKind.End, "", text.Length));
        return tokens;
    }

    private static Token Next(string text, ref int at, bool inName)
    {
        int start = at;
        char first = text[at];
        if (first is '\'' or '"') return new Token(TokenKind.Text, Quoted(text, ref at), start);
        if (first == '`') return new Token(TokenKind.QuotedName, Quoted(text, ref at), start);
        if (inName && IsNamePart(first)) return new Token(TokenKind.Word, Run(text, ref at, (t, i) => IsNamePart(t[i])), start);
        if (IsNumberStart(text, at)) return new Token(TokenKind.Number, Run(text, ref at, (t, i) => char.IsLetterOrDigit(t[i]) || t[i] == '.' || t[i] is '+' or '-' && (i == start || t[i - 1] is 'e' or 'E')), start);
        if (IsNameStart(first)) return new Token(TokenKind.Word, Run(text, ref at, (t, i) => IsNamePart(t[i])), start);
        foreach (string symbol in (ReadOnlySpan<string>)["!=", "<>", "<=", ">=", "==", "=", "<", ">", "(", ")", ",", "."])
        {
            if (!text.AsSpan(at).StartsWith(symbol, StringComparison.Ordinal)) continue;
            at += symbol.Length;
            return new Token(TokenKind.Symbol, symbol == "<>" ? "!=" : symbol == "==" ? "=" : symbol, start);
        }
        throw new RunSearchException($"\"{first}\" means nothing here. A name with such characters is written in backticks (metrics.`{first}`), a text in quotes.", text, at);
    }

    private static bool IsNameStart(char c) => char.IsLetter(c) || c is '_' or '/' or ':' or '@' or '%' || char.GetUnicodeCategory(c) is System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.SpacingCombiningMark;

    private static bool IsNamePart(char c) => IsNameStart(c) || c == '-' || char.IsDigit(c);

    private static bool IsNumberStart(string text, int at)
    {
        if (text[at] is '+' or '-') at++;
        if (at < text.Length && text[at] == '.') at++;
        return at < text.Length && char.IsAsciiDigit(text[at]);
    }

    private static string Run(string text, ref int at, Func<string, int, bool> belongs)
    {
        int start = at++;
        while (at < text.Length && belongs(text, at)) at++;
        return text[start..at];
    }

    /// <summary>A quote inside is written twice.</summary>
    private static string Quoted(string text, ref int at)
    {
        int start = at;
        char quote = text[at++];
        var value = new StringBuilder();
        while (at < text.Length)
        {
            char c = text[at++];
            if (c != quote)
            {
                value.Append(c);
                continue;
            }
            if (at == text.Length || text[at] != quote) return value.ToString();
            value.Append(text[at++]);
        }
        throw new RunSearchException($"the {(quote == '`' ? "name" : "text")} that begins here has no end: close it with {quote}.", text, start);
    }
}
