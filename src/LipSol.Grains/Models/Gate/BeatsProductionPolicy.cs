using System.Globalization;

namespace LipSol.Grains.Models.Gate;

/// <summary>The candidate must be better in at least the share of paired bootstrap resamples that the confidence asks for.</summary>
internal static class BeatsProductionPolicy
{
    public static Verdict Judge(int production, double probabilityBetter, double confidence)
    {
        bool passes = probabilityBetter >= confidence;
        return new Verdict(passes, string.Create(CultureInfo.InvariantCulture,
            $"It is better than version {production} in {probabilityBetter:P1} of paired resamples of the test samples; {confidence:P1} {(passes ? "were" : "are")} asked for."));
    }
}
