using LipSol.Language.Text;

namespace LipSol.Language.Lips;

/// <summary>How a word is said and seen.</summary>
/// <param name="Word">The word, normalised.</param>
/// <param name="Phonemes">In IPA.</param>
public sealed record Pronunciation(string Word, IReadOnlyList<string> Phonemes)
{
    /// <summary>What is seen of each phoneme.</summary>
    public IReadOnlyList<Viseme> Visemes { get; } = [.. Phonemes.Select(VisemeTable.Of)];
}

/// <summary>The closed vocabulary of the project's recordings: 27 words in six slots, with the pronunciation of educated Pakistani Urdu.</summary>
public static class UrduLexicon
{
    private static readonly (string Word, string Phonemes)[][] Table =
    [
        [("آپ", "aː p"), ("میں", "m ɛ̃ː"), ("وہ", "ʋ oː"), ("ہم", "ɦ ə m")],
        [("کتنے", "k ɪ t̪ n eː"), ("کدھر", "k ɪ d̪ʱ ə r"), ("کونسا", "k ɔː n s aː"), ("کیسے", "k ɛː s eː")],
        [("تھا", "t̪ʰ aː"), ("تھے", "t̪ʰ eː"), ("ہوں", "ɦ ũː"), ("ہے", "ɦ ɛː")],
        [("جی", "dʒ iː"), ("نہیں", "n ə ɦ ĩː"), ("ہاں", "ɦ ãː")],
        [("کب", "k ə b"), ("کون", "k ɔː n"), ("کیوں", "k j õː")],
        [
            ("ایک", "eː k"), ("دو", "d̪ oː"), ("تین", "t̪ iː n"), ("چار", "tʃ aː r"), ("پانچھ", "p ãː tʃ"), ("چھ", "tʃʰ ɛː"), ("سات", "s aː t̪"),
            ("آٹھ", "aː ʈʰ"), ("نو", "n ɔː"),
        ],
    ];

    private static readonly Dictionary<string, Pronunciation> ByWord = Table.SelectMany(slot => slot)
        .Select(entry => new Pronunciation(UrduText.Normalise(entry.Word), entry.Phonemes.Split(' '))).ToDictionary(p => p.Word);

    /// <summary>The words of each slot: a sentence takes one of each, in this order.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Slots { get; } =
        [.. Table.Select(slot => (IReadOnlyList<string>)[.. slot.Select(entry => UrduText.Normalise(entry.Word))])];

    /// <summary>All 27 words, slot by slot.</summary>
    public static IReadOnlyList<string> Words { get; } = [.. Slots.SelectMany(slot => slot)];

    /// <summary>Whether the word is in the lexicon, in any spelling that normalises to it.</summary>
    public static bool Contains(string word) => ByWord.ContainsKey(UrduText.Normalise(word));

    /// <summary>How the word is said.</summary>
    /// <exception cref="ArgumentException">Not in the lexicon.</exception>
    public static Pronunciation Pronounce(string word) => ByWord.TryGetValue(UrduText.Normalise(word), out var pronunciation) ? pronunciation
        : throw new ArgumentException($"'{word}' is not in the lexicon. Its words are: {string.Join(' ', Words)}.", nameof(word));
}
