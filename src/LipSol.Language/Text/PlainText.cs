using System.Text;

namespace LipSol.Language.Text;

/// <summary>One spelling for text in languages that have no rules of their own here.</summary>
public static class PlainText
{
    /// <summary>Unicode NFC, lower case, runs of white space as one space, none at the ends. Idempotent.</summary>
    public static string Normalise(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var lower = WellFormed.Repair(text).Replace("\uFEFF", "", StringComparison.Ordinal).Normalize(NormalizationForm.FormC).ToLowerInvariant();
        return WellFormed.Collapse(lower.Normalize(NormalizationForm.FormC));
    }
}
