using System.Text;

namespace LipSol.Language.Decoding;

/// <summary>A list of words, of which every sentence consists: any number of them in any order, a space between.</summary>
public sealed class Lexicon
{
    /// <summary>The lexicon of these (normalised) words.</summary>
    /// <exception cref="ArgumentException">No word, or one that is empty or has white space in it.</exception>
    public Lexicon(IEnumerable<string> words)
    {
        Words = [.. words.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        if (Words.Count == 0) throw new ArgumentException("A lexicon needs words; this one is empty.", nameof(words));
        if (Words.FirstOrDefault(w => w.Length == 0 || w.Any(char.IsWhiteSpace)) is { } broken)
            throw new ArgumentException($"'{broken}' is no word: the words of a lexicon have letters and no white space.", nameof(words));
    }

    /// <summary>The words, each once, in ordinal order.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <summary>The words of (normalised) texts, of a corpus' transcripts for instance.</summary>
    public static Lexicon From(IEnumerable<string> texts) => new(texts.SelectMany(Text.Transcripts.Words));

    /// <summary>The automaton of its sentences; the empty one is among them. Without a space in the alphabet a sentence has one word at most.</summary>
    /// <exception cref="UnusableTranscriptException">A word has letters outside the alphabet.</exception>
    public ITextAutomaton Automaton(Alphabet alphabet)
    {
        var builder = new LetterAutomatonBuilder();
        int start = builder.Place(), ready = builder.Place(), done = builder.Place();
        builder.Accept(start);
        builder.Accept(done);
        builder.Free(start, ready);
        builder.Words(ready, Words.Select(alphabet.Encode), done);
        if (alphabet.ClassOf(new Rune(' ')) is var space and not Alphabet.Blank) builder.Letter(done, space, ready);
        return builder.Build();
    }
}
