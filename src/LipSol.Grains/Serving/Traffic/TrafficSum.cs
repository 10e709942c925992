using LipSol.Contracts.Models;
using LipSol.Contracts.Serving;

namespace LipSol.Grains.Serving.Traffic;

/// <summary>Adds up what the nodes counted.</summary>
internal static class TrafficSum
{
    /// <summary>The figures of the versions that the route names; what a node counted of others (it hasn't heard of the route yet) is left out.</summary>
    public static ModelTraffic Of(ModelRoute route, IReadOnlyCollection<NodeTraffic> nodes, List<string> silent, DateTimeOffset now)
    {
        NodeTraffic[] ours = [.. nodes.Where(n => n.Trial == route.Trial?.Id && n.Production?.Version == route.Production?.Version)];
        var figures = new TrafficFigures
        {
            Since = ours.Length == 0 ? now : ours.Min(n => n.Since),
            Production = route.Production is { } production ? Sum(production.Version, ours.Select(n => n.Production)) : null,
            Candidate = route.Trial is { } trial ? Sum(trial.Version, ours.Select(n => n.Candidate)) : null,
            Compared = ours.Sum(n => n.Compared),
            Agreed = ours.Sum(n => n.Agreed),
            Dropped = ours.Sum(n => n.Dropped),
            Silent = silent,
        };
        return new ModelTraffic(route.Trial, figures, [.. ours.SelectMany(n => n.Disagreements).OrderByDescending(d => d.Time).Take(ModelCounts.DisagreementsKept)]);
    }

    private static VersionTraffic Sum(int version, IEnumerable<VersionCounts?> counts)
    {
        VersionCounts[] all = [.. counts.OfType<VersionCounts>()];
        Dictionary<int, long> latencies = all.SelectMany(c => c.Latencies).GroupBy(l => l.Key).ToDictionary(g => g.Key, g => g.Sum(l => l.Value));
        long readings = all.Sum(c => c.Answered + c.Shadowed);
        return new VersionTraffic
        {
            Version = version,
            Answered = all.Sum(c => c.Answered),
            Shadowed = all.Sum(c => c.Shadowed),
            Errors = all.Sum(c => c.Errors),
            MeanConfidence = readings == 0 ? 0 : all.Sum(c => c.Confidence) / readings,
            P50 = LatencyBuckets.Quantile(latencies, 0.5),
            P95 = LatencyBuckets.Quantile(latencies, 0.95),
            P99 = LatencyBuckets.Quantile(latencies, 0.99),
        };
    }
}
