using LipSol.Language.Decoding;

namespace LipSol.Corpus;

/// <summary>The sentences that a corpus has, where they follow a grammar.</summary>
public static class SentenceGrammars
{
    /// <summary>A grammar beside the recordings of a folder, as JSON.</summary>
    public const string FileName = "grammar.json";

    private static readonly Grammar[] Known = [Grammar.Grid, Grammar.Urdu];

    /// <summary>The corpus' own grammar; where it was imported without one, GRID's or that of the recorded Urdu corpus, if every transcript follows it. Null: none is known.</summary>
    public static Grammar? Of(CorpusManifest manifest)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        if (manifest.Grammar is { } own) return own;
        var texts = manifest.Clips.Where(c => c.Refused is null).Select(c => c.Text).Distinct().ToArray();
        return texts.Length == 0 ? null : Known.FirstOrDefault(grammar => texts.All(grammar.Accepts));
    }

    /// <summary>Reads a grammar's file, JSON or text (a pattern a line), with its words spelt as the corpus' transcripts are.</summary>
    /// <exception cref="FormatException">It holds no grammar; the message says why.</exception>
    /// <exception cref="IOException">It can't be read.</exception>
    public static Grammar Read(string path, string language)
    {
        var text = File.ReadAllText(path);
        var grammar = text.TrimStart().StartsWith('{') ? Grammar.FromJson(text) : Grammar.Parse(text);
        try
        {
            return grammar.Normalise(language);
        }
        catch (ArgumentException e)
        {
            throw new FormatException($"A word of this grammar has no letters in it: {e.Message}", e);
        }
    }
}
