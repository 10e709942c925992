using System.Globalization;

namespace LipSol.Language.Text;

/// <summary>Text as its readers see it, letter by letter.</summary>
/// <remarks>
/// A letter here is an extended grapheme cluster (Unicode Standard Annex 29), and in Urdu also a consonant with the ھ that aspirates it: بھ, تھ and چھ are
/// letters of the Urdu alphabet, each written with two code points. So reading تھ as ت is one wrong letter out of one.
/// </remarks>
public static class Graphemes
{
    private const char Aspiration = 'ھ';
    private const string Aspirated = "بپتٹجچدڈرڑکگلمنوی";

    /// <summary>The letters of a normalised text, spaces included.</summary>
    public static IReadOnlyList<string> Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var letters = new List<string>(text.Length);
        for (int start = 0, next; start < text.Length; start = next) letters.Add(text[start..(next = End(text, start))]);
        return letters;
    }

    /// <summary>The letters as numbers, equal where the letters are: exact up to three code points a letter, a 64-bit hash beyond.</summary>
    internal static long[] Keys(string text)
    {
        var keys = new List<long>(text.Length);
        for (int start = 0, next; start < text.Length; start = next)
        {
            next = End(text, start);
            var key = 0L;
            foreach (var rune in text.AsSpan(start, next - start).EnumerateRunes()) key = unchecked(key * 0x110001 + rune.Value + 1);
            keys.Add(key);
        }
        return [.. keys];
    }

    private static int End(string text, int start)
    {
        // Most letters are one char, and seen to be so at once; the rules of the annex are for the rest.
        var end = start + (StandsAlone(text[start]) && (start + 1 == text.Length || StandsAlone(text[start + 1])) ? 1 : StringInfo.GetNextTextElementLength(text.AsSpan(start)));
        return end == start + 1 && end < text.Length && text[end] == Aspiration && Aspirated.Contains(text[start], StringComparison.Ordinal)
            ? end + StringInfo.GetNextTextElementLength(text.AsSpan(end)) : end;
    }

    private static bool StandsAlone(char c) => c == ' ' || c is < '\u0300' or (>= '\u0620' and <= '\u06FF') && char.IsLetterOrDigit(c);
}
