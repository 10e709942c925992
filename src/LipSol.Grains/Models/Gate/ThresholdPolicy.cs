using System.Globalization;
using LipSol.Contracts.Models;
using LipSol.Contracts.Runs;
using LipSol.Language.Evaluation;

namespace LipSol.Grains.Models.Gate;

/// <summary>The figure itself, not an end of its interval, must reach the threshold: at least where higher is better, at most where lower is. One that isn't a number reaches none.</summary>
internal static class ThresholdPolicy
{
    public static GateCheck Judge(Metric metric, Estimate figure, double threshold) =>
        new(metric.ToString(), threshold, figure, metric.HigherIsBetter ? figure.Value >= threshold : figure.Value <= threshold);

    public static string Tell(GateCheck check) => string.Create(CultureInfo.InvariantCulture,
        $"Its {check.Metric} is {check.Figure.Value:0.####} [{check.Figure.Low:0.####}, {check.Figure.High:0.####}] on {check.Figure.Count} test samples, which {(check.Passes ? "reaches" : "misses")} the threshold of {check.Threshold:0.####}.");
}
