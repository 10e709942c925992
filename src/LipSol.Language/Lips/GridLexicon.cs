namespace LipSol.Language.Lips;

/// <summary>The 51 words of the GRID corpus as they look on the lips, in the British English of its speakers (no r before a consonant or at the end).</summary>
public static class GridLexicon
{
    // Phonemes in ARPAbet. GRID leaves the letter w out.
    private const string Table = """
        bin B IH N|lay L EY|place P L EY S|set S EH T
        blue B L UW|green G R IY N|red R EH D|white W AY T
        at AE T|by B AY|in IH N|with W IH DH
        a EY|b B IY|c S IY|d D IY|e IY|f EH F|g JH IY|h EY CH|i AY|j JH EY|k K EY|l EH L|m EH M|n EH N|o OW|p P IY|q K Y UW
        r AA|s EH S|t T IY|u Y UW|v V IY|x EH K S|y W AY|z Z EH D
        zero Z IH R OW|one W AH N|two T UW|three TH R IY|four F AO|five F AY V|six S IH K S|seven S EH V AH N|eight EY T|nine N AY N
        again AH G EH N|now N AW|please P L IY Z|soon S UW N
        """;

    private static readonly Dictionary<string, IReadOnlyList<Viseme>> ByWord = Table.Split(['|', '\n'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .Select(entry => entry.Split(' ')).ToDictionary(entry => entry[0], entry => (IReadOnlyList<Viseme>)[.. entry.Skip(1).SelectMany(Visemes)]);

    /// <summary>The words, in lower case.</summary>
    public static IReadOnlyCollection<string> Words => ByWord.Keys;

    /// <summary>What is seen of a word, or null where it's none of GRID's.</summary>
    public static IReadOnlyList<Viseme>? Of(string word) => ByWord.GetValueOrDefault(word);

    private static Viseme[] Visemes(string phoneme) => phoneme switch
    {
        "P" or "B" or "M" => [Viseme.Bilabial],
        "F" or "V" => [Viseme.Labiodental],
        "T" or "D" or "N" or "L" or "TH" or "DH" => [Viseme.Dental],
        "S" or "Z" => [Viseme.Sibilant],
        "CH" or "JH" => [Viseme.Postalveolar],
        "R" => [Viseme.Retroflex],
        "K" or "G" => [Viseme.Back],
        "IY" or "IH" or "Y" => [Viseme.CloseFront],
        "EY" or "EH" or "AE" => [Viseme.MidFront],
        "AA" => [Viseme.Open],
        "AH" => [Viseme.Central],
        "UW" or "W" => [Viseme.CloseBack],
        "OW" => [Viseme.MidBack],
        "AO" => [Viseme.OpenBack],
        "AY" => [Viseme.Open, Viseme.CloseFront],
        "AW" => [Viseme.Open, Viseme.CloseBack],
        _ => throw new InvalidOperationException($"The table has a phoneme {phoneme} without a viseme."),
    };
}
