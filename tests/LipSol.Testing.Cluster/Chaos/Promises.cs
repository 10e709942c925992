using System.Globalization;
using LipSol.Client;
using LipSol.Testing.Cluster.Nodes;
using LipSol.Testing.Cluster.Processes;

namespace LipSol.Testing.Cluster.Chaos;

/// <summary>What LipSol promises, checked in the database after the trial.</summary>
internal sealed class Promises(NodeCluster cluster, LipSolClient client, ChaosNodes nodes, IReadOnlyList<ChaosReader> readers, IReadOnlyCollection<LinuxProcess> workers, IReadOnlyCollection<string> otherRuns, string undisturbedRun)
{
    /// <summary>A metric that measures the machine, and is another each time a step is trained.</summary>
    public const string MeasuredAnew = "clips_per_second";

    private const string Points = "SELECT r.RunId, n.Name, p.Step, p.Value FROM MetricPoint p JOIN MetricRun r ON r.RunKey = p.RunKey JOIN MetricName n ON n.NameKey = p.NameKey ORDER BY r.RunId, n.Name, p.Step";
    private const string Batches = "SELECT r.RunId, b.Epoch, b.Batch, b.Cursor FROM MetricBatch b JOIN MetricRun r ON r.RunKey = b.RunKey ORDER BY r.RunId, b.Cursor";
    private readonly List<string> broken = [];

    public int Attempts { get; private set; }

    public long PointsKept { get; private set; }

    public async Task<IReadOnlyList<string>> CheckAsync()
    {
        var runs = (await Task.WhenAll(readers.Select(r => client.Runs.GetAsync(r.RunId)))).ToDictionary(r => r.Id);
        Attempts = runs.Values.Sum(r => r.Attempts.Count);
        foreach (var run in runs.Values.Where(r => r.Status != RunStatus.Completed)) broken.Add($"Run {run.Id} isn't completed but {run.Status}: {run.Reason}");
        await NothingWasStartedTwiceAsync(runs);
        await AcknowledgedPointsAreKeptOnceAsync(runs);
        await StaleLeasesWroteNothingAsync();
        OneLeaseASlot(runs.Values);
        await AttemptsGoOnFromCheckpointsAsync(runs.Values);
        NoProcessIsLeft();
        return broken;
    }

    private async Task NothingWasStartedTwiceAsync(Dictionary<string, Run> runs)
    {
        List<Run> all = [];
        await foreach (var run in client.Runs.SearchAsync(new SearchRuns { Take = 1000 })) all.Add(run);
        foreach (var run in all.Where(r => r.Id != undisturbedRun && !otherRuns.Contains(r.Id) && !runs.ContainsKey(r.Id))) broken.Add($"Run {run.Id} ({run.Name}) was started beside the ones asked for.");
        foreach (var id in runs.Keys.Except(all.Select(r => r.Id))) broken.Add($"Run {id} isn't in the history.");
    }

    private async Task AcknowledgedPointsAreKeptOnceAsync(Dictionary<string, Run> runs)
    {
        var kept = (await cluster.Database.QueryAsync(Points)).Select(row => (Run: (string)row[0]!, Name: (string)row[1]!, Step: ToLong(row[2]), Value: row[3] is null ? double.NaN : Convert.ToDouble(row[3], CultureInfo.InvariantCulture)))
            .GroupBy(p => p.Run).ToDictionary(g => g.Key, g => g.ToList());
        PointsKept = kept.Where(g => runs.ContainsKey(g.Key)).Sum(g => (long)g.Value.Count);
        var expected = kept.GetValueOrDefault(undisturbedRun, []).Where(p => p.Name != MeasuredAnew).ToDictionary(p => (p.Name, p.Step), p => p.Value);
        if (expected.Count == 0) broken.Add("The undisturbed run has no metrics.");
        foreach (var reader in readers)
        {
            var points = kept.GetValueOrDefault(reader.RunId, []);
            var found = new Dictionary<(string, long), double>();
            foreach (var p in points)
                if (!found.TryAdd((p.Name, p.Step), p.Value)) broken.Add($"Run {p.Run}: {p.Name} at step {p.Step} is there twice.");
            foreach (var ((name, step), shown) in reader.Points)
            {
                var value = shown.Value;
                if (!found.TryGetValue((name, step), out var now)) broken.Add($"Run {reader.RunId}: {name} at step {step} was shown, and is lost.");
                else if (name != MeasuredAnew && !now.Equals(value)) broken.Add($"Run {reader.RunId}: {name} at step {step} was shown as {value:R}, and is kept as {now:R}.");
            }
            broken.AddRange(reader.Broken);
            if (runs[reader.RunId].Status != RunStatus.Completed) continue;
            // Neither holes nor doubles, and every value as if nothing had happened.
            foreach (var ((name, step), value) in expected)
            {
                if (!found.TryGetValue((name, step), out var now)) broken.Add($"Run {reader.RunId} has no {name} at step {step}, where an undisturbed run has one.");
                else if (!now.Equals(value)) broken.Add($"Run {reader.RunId}: {name} at step {step} is {now:R}, in an undisturbed run {value:R}.");
            }
            foreach (var extra in points.Where(p => p.Name != MeasuredAnew && !expected.ContainsKey((p.Name, p.Step)))) broken.Add($"Run {reader.RunId} has {extra.Name} at step {extra.Step}, which an undisturbed run doesn't have.");
        }
    }

    // By the order in which batches were taken: once a later lease wrote, an earlier one never does again; and none of a lease's numbered batches is missing.
    private async Task StaleLeasesWroteNothingAsync()
    {
        foreach (var run in (await cluster.Database.QueryAsync(Batches)).GroupBy(row => (string)row[0]!))
        {
            long epoch = 0;
            var next = 1L;
            foreach (var row in run)
            {
                var (of, batch) = (ToLong(row[1]), ToLong(row[2]));
                if (of < epoch) broken.Add($"Run {run.Key}: lease {of} wrote batch {batch} after lease {epoch} had.");
                if (of > epoch) (epoch, next) = (of, 1);
                if (batch != next) broken.Add($"Run {run.Key}: lease {of} has batch {batch} where {next} should be.");
                next = batch + 1;
            }
        }
    }

    private void OneLeaseASlot(IEnumerable<Run> runs)
    {
        var all = runs.SelectMany(r => r.Attempts.Select(a => (Run: r.Id, Attempt: a))).ToList();
        foreach (var twice in all.GroupBy(a => a.Attempt.Epoch).Where(g => g.Count() > 1)) broken.Add($"Lease {twice.Key} was given to {string.Join(" and ", twice.Select(a => a.Run))}.");
        // Every node has one slot.
        foreach (var node in all.GroupBy(a => a.Attempt.Node))
        {
            var ordered = node.OrderBy(a => a.Attempt.Epoch).ToList();
            foreach (var (before, after) in ordered.Zip(ordered.Skip(1)))
                if (before.Attempt.EndedAt is not { } end || end > after.Attempt.StartedAt)
                    broken.Add($"The slot of {node.Key} was held by run {before.Run} (lease {before.Attempt.Epoch}, to {before.Attempt.EndedAt:HH:mm:ss.fff}) and by run {after.Run} (lease {after.Attempt.Epoch}, from {after.Attempt.StartedAt:HH:mm:ss.fff}).");
        }
    }

    private async Task AttemptsGoOnFromCheckpointsAsync(IEnumerable<Run> runs)
    {
        foreach (var run in runs)
        {
            var steps = run.Attempts.Select(a => a.FromStep ?? 0).ToList();
            if (!steps.SequenceEqual(steps.Order())) broken.Add($"Run {run.Id} went back: its attempts began at the steps {string.Join(", ", steps)}.");
            var epochs = run.Attempts.Select(a => a.Epoch).ToList();
            if (!epochs.SequenceEqual(epochs.Distinct().Order())) broken.Add($"Run {run.Id} has leases {string.Join(", ", epochs)}, which don't rise.");
            // Looked at when all is over: reading starts nothing.
            if (run.Status == RunStatus.Completed && await client.Runs.GetAsync(run.Id) is var again && (again.Status != run.Status || again.Attempts.Count != run.Attempts.Count)) broken.Add($"Run {run.Id} changed when it was read.");
        }
    }

    // By now every node has been well for a while: a worker belongs to one that is up, or has ended with its own.
    private void NoProcessIsLeft()
    {
        var left = LinuxProcess.Mentioning(cluster.Shared).Where(p => p.Id != Environment.ProcessId).Select(p => p.Id).Except(nodes.All.Select(n => n.Process.ProcessId)).ToList();
        if (left.Count > 0) broken.Add($"Processes are left beside the nodes: {string.Join(", ", left)}.");
        var owned = nodes.All.SelectMany(n => LinuxProcess.ChildrenOf(n.Process.ProcessId)).ToHashSet();
        foreach (var worker in workers.Where(w => w.IsAlive && !owned.Contains(w))) broken.Add($"Process {worker.Id}, a worker, outlived its node.");
    }

    private static long ToLong(object? value) => Convert.ToInt64(value, CultureInfo.InvariantCulture);
}
