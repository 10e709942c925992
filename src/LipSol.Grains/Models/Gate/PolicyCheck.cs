using LipSol.Contracts.Models;
using LipSol.Contracts.Runs;
using LipSol.Language.Evaluation;

namespace LipSol.Grains.Models.Gate;

/// <summary>Whether a gate's policy can be applied at all.</summary>
internal static class PolicyCheck
{
    /// <summary>The metric compared by, and all thresholds.</summary>
    /// <exception cref="RefusedException">It can't be applied; the message says what to give.</exception>
    public static (Metric Metric, (Metric Metric, double Threshold)[] Thresholds) Read(GatePolicy policy)
    {
        if (policy.Confidence is not (> 0 and < 1)) throw new RefusedException($"The confidence is {policy.Confidence}: give a number between 0 and 1, as 0.95.");
        Metric metric = Parse(policy.Metric);
        (Metric, double)[] thresholds = [.. policy.Threshold is { } own ? [(metric, own)] : Array.Empty<(Metric, double)>(), .. policy.Thresholds.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => (Parse(t.Key), t.Value))];
        foreach ((Metric of, double threshold) in thresholds)
            if (!double.IsFinite(threshold)) throw new RefusedException($"The threshold of {of} is {threshold}: give a number, as 0.8.");
        return (metric, thresholds);
    }

    private static Metric Parse(string metric)
    {
        try
        {
            return Metric.Parse(metric);
        }
        catch (ArgumentException e)
        {
            throw new RefusedException(e.Message);
        }
    }
}
