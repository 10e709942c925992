using System.Globalization;
using LipSol.Contracts.Runs;
using LipSol.Language.Evaluation;

namespace LipSol.Grains.Models.Gate;

/// <summary>The figure itself, not an end of its interval, must reach the threshold: at least where higher is better, at most where lower is.</summary>
internal static class ThresholdPolicy
{
    public static Verdict Judge(Metric metric, Estimate figure, double threshold)
    {
        bool passes = metric.HigherIsBetter ? figure.Value >= threshold : figure.Value <= threshold;
        return new Verdict(passes, string.Create(CultureInfo.InvariantCulture,
            $"Its {metric} is {figure.Value:0.####} [{figure.Low:0.####}, {figure.High:0.####}] on {figure.Count} test samples, which {(passes ? "reaches" : "misses")} the threshold of {threshold:0.####}."));
    }
}
