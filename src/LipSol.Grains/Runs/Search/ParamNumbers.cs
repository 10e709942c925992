using System.Globalization;

namespace LipSol.Grains.Runs.Search;

/// <summary>When the text of a parameter or tag counts as a number.</summary>
public static class ParamNumbers
{
    private const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    /// <summary>The finite number that a text writes down, as <c>0.004</c>, <c>-1</c> or <c>4e-3</c>; null where it doesn't.</summary>
    public static double? Find(string text) =>
        text.Length is > 0 and <= 64 && text[^1] is >= '0' and <= '9' or '.' && double.TryParse(text, Style, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? number : null;
}
