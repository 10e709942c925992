namespace LipSol.Language.Lips;

/// <summary>What a word looks like on the lips: by its pronunciation where a lexicon has it, else by its spelling.</summary>
/// <remarks>
/// A letter decoder writes words that no lexicon has, so spelling has to do for them. It's coarse: Urdu doesn't write its short vowels, so they're missing, and
/// English spells one sound in many ways. Good enough to count which visemes are confused, not to synthesise a mouth.
/// </remarks>
public static class VisibleSpeech
{
    private const string Unseen = "ںءعھ";

    /// <summary>The visemes of a normalised word; null where a letter of it says nothing about its sound (digits, other scripts).</summary>
    public static IReadOnlyList<Viseme>? Of(string word)
    {
        ArgumentNullException.ThrowIfNull(word);
        return UrduLexicon.Contains(word) ? UrduLexicon.Pronounce(word).Visemes : GridLexicon.Of(word) ?? BySpelling(word);
    }

    internal static IReadOnlyList<Viseme>? BySpelling(string word)
    {
        var visemes = new List<Viseme>();
        for (var i = 0; i < word.Length; i++)
        {
            // ں ع ء ھ: nasality, a glottal stop and aspiration don't show.
            if (Unseen.Contains(word[i], StringComparison.Ordinal)) continue;
            var before = i > 0 ? word[i - 1] : '\0';
            var after = i + 1 < word.Length ? word[i + 1] : '\0';
            if (Silent(word[i], before, after)) continue;
            if (Letter(word[i], before, after) is not { } viseme) return null;
            visemes.Add(viseme);
        }
        return visemes.Count > 0 ? visemes : null;
    }

    // ا before ی or و at the start only carries their vowel; English writes double letters, "ck", and h after a consonant for one sound, and an e at the end for none.
    private static bool Silent(char letter, char before, char after) => letter switch
    {
        >= 'a' and <= 'z' when letter == before => true,
        'ا' => before == '\0' && after is ('ی' or 'و'),
        'h' => before is 'c' or 'g' or 'p' or 's' or 't' or 'w',
        'k' => before == 'c',
        'e' => after == '\0' && before is not ('\0' or 'e' or 'h'),
        _ => false,
    };

    private static Viseme? Letter(char letter, char before, char after) => letter switch
    {
        'پ' or 'ب' or 'م' or 'b' or 'm' => Viseme.Bilabial,
        'p' => after == 'h' ? Viseme.Labiodental : Viseme.Bilabial,
        'ف' or 'f' or 'v' => Viseme.Labiodental,
        'و' => before == '\0' ? Viseme.Labiodental : Viseme.MidBack,
        'ت' or 'ط' or 'د' or 'ن' or 'ل' or 'd' or 'n' or 'l' or 't' => Viseme.Dental,
        'س' or 'ص' or 'ث' or 'ز' or 'ذ' or 'ض' or 'ظ' or 'z' => Viseme.Sibilant,
        's' or 'c' when after == 'h' => Viseme.Postalveolar,
        's' => Viseme.Sibilant,
        'c' => after is 'e' or 'i' or 'y' ? Viseme.Sibilant : Viseme.Back,
        'ش' or 'چ' or 'ج' or 'ژ' or 'j' => Viseme.Postalveolar,
        'ٹ' or 'ڈ' or 'ڑ' or 'ر' or 'r' => Viseme.Retroflex,
        'ک' or 'گ' or 'خ' or 'غ' or 'ق' or 'ح' or 'ہ' or 'ۂ' or 'ۃ' or 'g' or 'h' or 'k' or 'q' or 'x' => Viseme.Back,
        'e' when after == 'e' => Viseme.CloseFront,
        'ی' or 'ئ' or 'i' or 'y' => Viseme.CloseFront,
        'ے' or 'ۓ' or 'e' => Viseme.MidFront,
        'ا' => before == '\0' ? Viseme.Central : Viseme.Open,
        'آ' or 'أ' or 'a' => Viseme.Open,
        'ؤ' or 'o' => Viseme.MidBack,
        'u' or 'w' => Viseme.CloseBack,
        _ => null,
    };
}
