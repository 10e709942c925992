using LipSol.Contracts.Runs;

namespace LipSol.Grains.Runs;

/// <summary>Keeps last, smallest and largest values up to date as points arrive.</summary>
internal static class MetricSummaries
{
    /// <summary>The summaries with <paramref name="points"/> taken in. NaN counts as a last value, never as a smallest or largest one.</summary>
    public static Dictionary<string, MetricSummary> With(this Dictionary<string, MetricSummary> summaries, IReadOnlyList<MetricPoint> points)
    {
        var result = new Dictionary<string, MetricSummary>(summaries);
        foreach (MetricPoint point in points)
        {
            if (!result.TryGetValue(point.Name, out MetricSummary old))
            {
                result[point.Name] = new MetricSummary(point.Value, point.Step, point.Value, point.Value);
                continue;
            }
            bool later = point.Step >= old.LastStep;
            result[point.Name] = new MetricSummary(later ? point.Value : old.Last, later ? point.Step : old.LastStep,
                double.MinNumber(old.Minimum, point.Value), double.MaxNumber(old.Maximum, point.Value));
        }
        return result;
    }
}
