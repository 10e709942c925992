using System.Globalization;
using LipSol.Language.Evaluation;

namespace LipSol.Grains.Models.Gate;

/// <summary>
/// The candidate must be better in at least the share of paired bootstrap resamples that the confidence asks for; a tie counts half, so that equal versions are at 50 %. On so few clips that a version no better than the other could
/// well be the better one on each of them (each way is a coin's throw, as in a sign test), the bootstrap would be sure of what it can't know, so it isn't asked.
/// </summary>
internal static class BeatsProductionPolicy
{
    public static Verdict Judge(Metric metric, int production, ComparedFigure compared, double confidence)
    {
        double luck = Math.Pow(0.5, compared.Clips);
        if (luck > 1 - confidence)
        {
            return new Verdict(false, string.Create(CultureInfo.InvariantCulture,
                $"{compared.Clips} test {(compared.Clips == 1 ? "clip" : "clips")} can't show that it's better than version {production} with a confidence of {confidence:P1}: a version no better would do best on all of them in {luck:P1} of cases. Measure both on more clips."));
        }
        bool passes = compared.ProbabilityBetter >= confidence;
        Figure difference = compared.Difference;
        return new Verdict(passes, string.Create(CultureInfo.InvariantCulture,
            $"Its {metric} differs from that of version {production} by {difference.Value:+0.####;-0.####;0} [{difference.Low:+0.####;-0.####;0}, {difference.High:+0.####;-0.####;0}]: it is better in {compared.ProbabilityBetter:P1} of paired resamples of {compared.Clips} test clips; {confidence:P1} {(passes ? "were" : "are")} asked for."));
    }
}
