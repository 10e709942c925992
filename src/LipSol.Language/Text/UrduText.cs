using System.Globalization;
using System.Text;

namespace LipSol.Language.Text;

/// <summary>One spelling for Urdu text, whatever keyboard it was typed on.</summary>
/// <remarks>
/// The rules, in order, repeated until nothing changes:
/// <list type="number">
/// <item>Unicode NFC; Arabic presentation forms (ﺁ, ﻻ, ﷺ …) and mathematical letters become their letters.</item>
/// <item>Letters of other keyboards become the Urdu ones: ي ى ې ۍ ێ ؠ ؽ ؾ ؿ → ی, ك ڪ → ک, ګ → گ, ه ە → ہ, ة → ۃ, ۀ → ۂ, ٱ → ا. ھ (do chashmi he) and ے stay:
/// they are other letters; so do those that other languages have of their own (ټ, ڳ, ڤ …).</item>
/// <item>Optional marks go: zabar, zer, pesh, tanwin, shadda, jazm, superscript alef, Quranic signs. Hamza and madd stay where they
/// are part of a letter (آ ئ ؤ ۂ ۓ أ), whether they were typed with it or behind it: ی and a combining hamza are ئ, ہ (or ه) and one are ۂ.</item>
/// <item>Tatweel, zero-width (non-)joiners and direction marks go: they change how a word is drawn, not which word it is.</item>
/// <item>Digits are the Urdu ones, ۰ to ۹.</item>
/// <item>Punctuation and symbols become a space: lips don't show them. Runs of white space become one space, none at the ends.</item>
/// </list>
/// </remarks>
public static class UrduText
{
    private const char CombiningHamza = '\u0654';

    /// <summary>The normalised spelling. <c>Normalise(Normalise(x)) == Normalise(x)</c> for every string, broken surrogates included.</summary>
    public static string Normalise(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var current = WellFormed.Repair(text);
        while (true)
        {
            var next = Pass(current);
            if (next == current) return next;
            current = next;
        }
    }

    private static string Pass(string text)
    {
        var output = new StringBuilder(text.Length);
        foreach (var rune in text.Normalize(NormalizationForm.FormC).EnumerateRunes())
        {
            if (IsPresentationForm(rune.Value) && rune.ToString() is var form && form.Normalize(NormalizationForm.FormKC) is var letters && letters != form)
            {
                output.Append(letters);
                continue;
            }
            var letter = Letter(rune.Value);
            if (letter == CombiningHamza && output.Length > 0 && output[^1] is 'ی' or 'ہ') output[^1] = output[^1] == 'ی' ? 'ئ' : 'ۂ';
            else if (IsInvisible(letter) || IsMark(letter)) continue;
            else if (IsSeparator(letter)) output.Append(' ');
            else output.Append(new Rune(letter));
        }
        return WellFormed.Collapse(output.ToString().Normalize(NormalizationForm.FormC));
    }

    private static int Letter(int c) => c switch
    {
        'ي' or 'ى' or 'ې' or '\u06CD' or '\u06CE' or '\u0620' or (>= '\u063D' and <= '\u063F') => 'ی',
        'ك' or 'ڪ' => 'ک',
        '\u06AB' => 'گ',
        '\u0671' => 'ا',
        'ه' or 'ە' => 'ہ',
        'ة' => 'ۃ',
        'ۀ' => 'ۂ',
        >= '0' and <= '9' => c - '0' + '۰',
        >= '\u0660' and <= '\u0669' => c - '\u0660' + '۰',
        _ => c,
    };

    // Those without letters behind them (ornate parentheses, ﷽ as one sign) fall to the other rules.
    private static bool IsPresentationForm(int c) => c is >= 0xFB50 and <= 0xFDFF or >= 0xFE70 and <= 0xFEFC or >= 0x1EE00 and <= 0x1EEFF;

    // Combining marks of the Arabic blocks; marks of other scripts are left alone.
    private static bool IsMark(int c) =>
        c is >= 0x0610 and <= 0x061A or >= 0x064B and <= 0x065F or 0x0670 or >= 0x06D6 and <= 0x06ED and not 0x06DD and not 0x06DE and not 0x06E9
            or >= 0x0897 and <= 0x089F or >= 0x08CA and <= 0x08FF or >= 0x10EFA and <= 0x10EFF;

    private static bool IsInvisible(int c) =>
        c == 0x0640 || c is 0x00AD or 0xFEFF || CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.Format;

    private static bool IsSeparator(int c) => CharUnicodeInfo.GetUnicodeCategory(c) is
        UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Control
        or UnicodeCategory.DashPunctuation or UnicodeCategory.OpenPunctuation or UnicodeCategory.ClosePunctuation
        or UnicodeCategory.ConnectorPunctuation or UnicodeCategory.InitialQuotePunctuation or UnicodeCategory.FinalQuotePunctuation
        or UnicodeCategory.OtherPunctuation or UnicodeCategory.MathSymbol or UnicodeCategory.CurrencySymbol
        or UnicodeCategory.ModifierSymbol or UnicodeCategory.OtherSymbol;
}
