using System.Text;

namespace LipSol.Language.Decoding;

/// <summary>The letters that a sentence model writes, and their classes: class 0 is CTC's blank, class i is <c>Letters[i - 1]</c>. A letter is a code point; the space is one.</summary>
/// <remarks>Stored in a model version as its list of letters, in this order: the order is the network's.</remarks>
public sealed class Alphabet
{
    /// <summary>The class that writes nothing (Graves et al. 2006).</summary>
    public const int Blank = 0;

    private readonly Dictionary<Rune, int> index;

    /// <summary>The alphabet of these letters, in this order.</summary>
    /// <exception cref="ArgumentException">A letter is not one code point, or stands there twice.</exception>
    public Alphabet(IReadOnlyList<string> letters)
    {
        ArgumentNullException.ThrowIfNull(letters);
        index = new Dictionary<Rune, int>(letters.Count);
        foreach (var letter in letters)
        {
            if (string.IsNullOrEmpty(letter) || !Rune.TryGetRuneAt(letter, 0, out var rune) || rune.Utf16SequenceLength != letter.Length)
                throw new ArgumentException($"'{letter}' is no letter: a letter of an alphabet is one code point.", nameof(letters));
            if (!index.TryAdd(rune, index.Count + 1)) throw new ArgumentException($"'{letter}' stands twice in the alphabet.", nameof(letters));
        }
        Letters = [.. letters];
    }

    /// <summary>The letters, without the blank.</summary>
    public IReadOnlyList<string> Letters { get; }

    /// <summary>Classes: the letters and the blank.</summary>
    public int Count => Letters.Count + 1;

    /// <summary>The letters of these (normalised) texts, ordered by code point, so that the same texts give the same alphabet in any order.</summary>
    public static Alphabet From(IEnumerable<string> texts) => new([.. texts.SelectMany(t => t.EnumerateRunes()).Distinct().OrderBy(r => r.Value).Select(r => r.ToString())]);

    /// <summary>The classes of a text.</summary>
    /// <exception cref="UnusableTranscriptException">It has letters that aren't in the alphabet.</exception>
    public int[] Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var foreign = Foreign(text);
        if (foreign.Count > 0) throw UnusableTranscriptException.OutsideAlphabet(text, foreign);
        return [.. text.EnumerateRunes().Select(r => index[r])];
    }

    /// <summary>Whether a letter is in it.</summary>
    public bool Contains(Rune r) => index.ContainsKey(r);

    /// <summary>The letters of a text that aren't in the alphabet, each once, in the text's order. Empty: <see cref="Encode"/> takes the text.</summary>
    public IReadOnlyList<Rune> Foreign(string text) => [.. text.EnumerateRunes().Where(r => !index.ContainsKey(r)).Distinct()];

    /// <summary>The class of a letter, or <see cref="Blank"/> where the alphabet hasn't got it.</summary>
    public int ClassOf(Rune letter) => index.GetValueOrDefault(letter, Blank);

    /// <summary>The text of classes, none of them the blank.</summary>
    public string Decode(IEnumerable<int> letters) => string.Concat(letters.Select(l => Letters[l - 1]));
}
