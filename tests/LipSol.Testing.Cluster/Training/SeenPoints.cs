using LipSol.Testing.Cluster.Nodes;

namespace LipSol.Testing.Cluster.Training;

/// <summary>The metric points that a client was shown: acknowledged, whatever happens to the node from then on.</summary>
internal sealed class SeenPoints
{
    private readonly Dictionary<(string Name, long Step), double> points = [];

    public int Count
    {
        get { lock (points) return points.Count; }
    }

    /// <summary>Follows a run until so many points were seen.</summary>
    public async Task FollowAsync(NodeProcess node, TrainingRun run, int until)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        stop.CancelAfter(TimeSpan.FromMinutes(3));
        await foreach (var e in node.Client.Runs.FollowAsync(run.Id, 0, stop.Token))
        {
            lock (points)
            {
                foreach (var p in e.Points) points[(p.Name, p.Step)] = p.Value;
                if (points.Count >= until) return;
            }
        }
        var ended = await node.Client.Runs.GetAsync(run.Id);
        Assert.Fail($"The run ended as {ended.Status} ({ended.Reason}) before {until} points were seen.");
    }

    /// <summary>Every point that was seen is there with its value, and none is there twice.</summary>
    /// <param name="node">The node.</param>
    /// <param name="run">The run.</param>
    /// <param name="except">A metric that isn't looked at: one that is another whenever it's measured.</param>
    public async Task AssertAllAreKeptAsync(NodeProcess node, TrainingRun run, string? except = null)
    {
        var kept = await node.Client.Runs.GetMetricsAsync(run.Id);
        Assert.Equal(kept.Count, kept.DistinctBy(p => (p.Name, p.Step)).Count());
        var values = kept.ToDictionary(p => (p.Name, p.Step), p => p.Value);
        lock (points)
        {
            Assert.NotEmpty(points);
            foreach (var (key, value) in points.Where(p => p.Key.Name != except)) Assert.True(values.TryGetValue(key, out var found) && found == value, $"{key} was {value}; kept is {(values.TryGetValue(key, out var other) ? other : "nothing")}.");
        }
    }
}
