using System.Collections.Concurrent;
using LipSol.Client;
using LipSol.Testing.Cluster.Nodes;

namespace LipSol.Testing.Cluster.Chaos;

/// <summary>Follows a run to its end over whichever node is up, and keeps every point that it was shown: acknowledged, whatever happens from then on.</summary>
internal sealed class ChaosReader(string runId, ChaosNodes nodes)
{
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(15);
    private readonly ConcurrentDictionary<(string Name, long Step), MetricPoint> points = [];
    private readonly ConcurrentQueue<string> broken = [];
    private long cursor;

    public string RunId => runId;

    public IReadOnlyDictionary<(string Name, long Step), MetricPoint> Points => points;

    /// <summary>Points that were told differently a second time.</summary>
    public IEnumerable<string> Broken => broken;

    /// <summary>When the first point of a step that hadn't been seen was measured after a moment; null where none was. What was acknowledged before it, and shown late, doesn't count.</summary>
    public DateTimeOffset? FirstNewAfter(DateTimeOffset moment) => points.Values.Where(p => p.Time > moment).Select(p => (DateTimeOffset?)p.Time).Min();

    public async Task FollowAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var client = await nodes.AnyAsync(cancellationToken);
                using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                silence.CancelAfter(LongestSilence);
                await foreach (var e in client.Runs.FollowAsync(runId, cursor, silence.Token))
                {
                    foreach (var p in e.Points) Take(p);
                    cursor = e.Cursor;
                    silence.CancelAfter(LongestSilence);
                }
                if ((await client.Runs.GetAsync(runId, cancellationToken)).Status is not (RunStatus.Queued or RunStatus.Running)) return;
            }
            catch (LipSolException e) when (NodeCluster.Passes(e))
            {
                await Task.Delay(200, cancellationToken);
            }
            catch (ObjectDisposedException)
            {
                // The node's client went with the node.
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // A node that is stopped says nothing; another one does.
            }
        }
    }

    private void Take(MetricPoint point)
    {
        var first = points.GetOrAdd((point.Name, point.Step), point);
        if (point.Name != Promises.MeasuredAnew && !first.Value.Equals(point.Value)) broken.Enqueue($"Run {runId}: {point.Name} at step {point.Step} was told as {first.Value:R}, and later as {point.Value:R}.");
    }
}
