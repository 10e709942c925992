using System.Net;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace LipSol.Kernel.Export;

/// <summary>Colours C# with Roslyn's own lexer: keywords, text, numbers, comments and directives.</summary>
internal static class CodeHighlighter
{
    private static readonly CSharpParseOptions Options = CSharpParseOptions.Default.WithKind(SourceCodeKind.Script).WithLanguageVersion(LanguageVersion.Latest);

    public static string ToHtml(string code)
    {
        if (code.StartsWith("#!", StringComparison.Ordinal) && !code.StartsWith("#!csharp", StringComparison.OrdinalIgnoreCase))
            return WebUtility.HtmlEncode(code);
        var html = new StringBuilder();
        foreach (var token in CSharpSyntaxTree.ParseText(code, Options).GetRoot().DescendantTokens(descendIntoTrivia: false))
        {
            foreach (var trivia in token.LeadingTrivia)
                Append(html, ClassOf(trivia), trivia.ToFullString());
            Append(html, ClassOf(token), token.Text);
            foreach (var trivia in token.TrailingTrivia)
                Append(html, ClassOf(trivia), trivia.ToFullString());
        }

        return html.ToString();
    }

    private static void Append(StringBuilder html, string? kind, string text)
    {
        var encoded = WebUtility.HtmlEncode(text);
        html.Append(kind is null || text.Length == 0 ? encoded : $"<span class=\"{kind}\">{encoded}</span>");
    }

    private static string? ClassOf(SyntaxTrivia trivia) => trivia.Kind() switch
    {
        SyntaxKind.SingleLineCommentTrivia or SyntaxKind.MultiLineCommentTrivia or SyntaxKind.SingleLineDocumentationCommentTrivia => "c",
        _ when trivia.IsDirective => "d",
        _ => null,
    };

    private static string? ClassOf(SyntaxToken token)
    {
        if (token.IsKeyword() || SyntaxFacts.IsContextualKeyword(token.Kind()) || (token.Text is "var" or "await" or "async" && token.IsKind(SyntaxKind.IdentifierToken)))
            return "k";
        return token.Kind() switch
        {
            SyntaxKind.NumericLiteralToken => "n",
            SyntaxKind.StringLiteralToken or SyntaxKind.CharacterLiteralToken or SyntaxKind.InterpolatedStringTextToken or SyntaxKind.InterpolatedStringStartToken
                or SyntaxKind.InterpolatedStringEndToken or SyntaxKind.SingleLineRawStringLiteralToken or SyntaxKind.MultiLineRawStringLiteralToken
                or SyntaxKind.InterpolatedVerbatimStringStartToken => "s",
            _ => null,
        };
    }
}
