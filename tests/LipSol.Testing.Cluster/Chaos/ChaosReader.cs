using System.Collections.Concurrent;
using System.Diagnostics;
using LipSol.Client;
using LipSol.Testing.Cluster.Nodes;

namespace LipSol.Testing.Cluster.Chaos;

/// <summary>Follows a run to its end over whichever node is up, and keeps every point that it was shown: acknowledged, whatever happens from then on.</summary>
internal sealed class ChaosReader(string runId, ChaosNodes nodes)
{
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(15);
    private readonly ConcurrentDictionary<(string Name, long Step), double> points = [];
    private readonly ConcurrentQueue<string> broken = [];
    private long lastNew = Stopwatch.GetTimestamp();
    private long cursor;

    public string RunId => runId;

    public IReadOnlyDictionary<(string Name, long Step), double> Points => points;

    /// <summary>Points that were told differently a second time.</summary>
    public IEnumerable<string> Broken => broken;

    /// <summary>When a point came that hadn't been seen.</summary>
    public long LastNew => Interlocked.Read(ref lastNew);

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
        var key = (point.Name, point.Step);
        if (points.TryAdd(key, point.Value)) Interlocked.Exchange(ref lastNew, Stopwatch.GetTimestamp());
        else if (point.Name != Promises.MeasuredAnew && points[key] is var before && !before.Equals(point.Value)) broken.Enqueue($"Run {runId}: {point.Name} at step {point.Step} was told as {before:R}, and later as {point.Value:R}.");
    }
}
