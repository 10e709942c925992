using System.Text;

namespace LipSol.Language.Text;

/// <summary>What both normalisers need: text without broken surrogates (string.Normalize throws on them) and single spaces.</summary>
internal static class WellFormed
{
    public static string Repair(string text)
    {
        var repaired = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes()) repaired.Append(rune); // a broken surrogate enumerates as U+FFFD
        return repaired.ToString();
    }

    public static string Collapse(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
