using LipSol.Client;

namespace LipSol.Cluster.Tests.Training;

/// <summary>A run outlives the node that it was on, and reads as if nothing had happened.</summary>
public sealed class FailoverTests
{
    private const int Epochs = 250;
    private const string MeasuredAnew = "clips_per_second";
    // From SIGKILL to the first metric of the next attempt, its worker's start included; `bench chaos` measures what it usually is.
    private static readonly TimeSpan LongestFailover = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [Theory, InlineData(DatabaseKind.Sqlite), InlineData(DatabaseKind.Postgres)]
    public async Task A_run_whose_node_dies_goes_on_elsewhere_from_its_last_checkpoint(DatabaseKind kind)
    {
        await using var cluster = await NodeCluster.CreateAsync(kind);
        var (run, seen, there, other) = await StartAsync(cluster);
        var worker = await run.FindWorkerAsync(there);

        var killed = DateTimeOffset.UtcNow;
        await there.KillAsync();
        await Eventually.TrueAsync("end of the worker of the killed node", TimeSpan.FromSeconds(20), () => !worker.IsAlive);
        var first = await Eventually.FindAsync("metric of the next attempt", Patience, async () =>
            (await TryAsync(() => other.Client.Runs.GetAsync(run.Id)))?.Attempts is [_, var next, ..]
                ? (await TryAsync(() => other.Client.Runs.GetMetricsAsync(run.Id, "train_loss")))?.Where(p => p.Time > next.StartedAt).MinBy(p => p.Time) : null);
        Assert.True(first.Time - killed < LongestFailover, $"{first.Time - killed}");
        await AssertWentOnAsync(run, seen, other);
    }

    [Fact, Trait("Category", "Long")]
    public async Task A_node_that_was_stopped_writes_nothing_when_it_comes_back_and_ends()
    {
        await using var cluster = await NodeCluster.CreateAsync(DatabaseKind.Postgres);
        var (run, seen, there, other) = await StartAsync(cluster);
        var worker = await run.FindWorkerAsync(there);

        // Node and worker, as where a machine sleeps.
        there.Send(Signal.Stop);
        Signal.Stop.Send(worker.Id);
        await Eventually.FindAsync("second attempt", Patience, async () => (await TryAsync(() => other.Client.Runs.GetAsync(run.Id)))?.Attempts.Count == 2 ? "" : null);
        Signal.Continue.Send(worker.Id);
        there.Send(Signal.Continue);

        Assert.Equal(1, await there.WaitForExitAsync(TimeSpan.FromSeconds(60)));
        Assert.Contains("took this one for dead", there.Said);
        await Eventually.TrueAsync("end of the stopped node's worker", TimeSpan.FromSeconds(60), () => !worker.IsAlive);
        await AssertWentOnAsync(run, seen, other);
        var batches = await cluster.Database.QueryAsync("SELECT Epoch FROM MetricBatch ORDER BY RunKey, Cursor");
        var epochs = batches.ConvertAll(row => Convert.ToInt64(row[0], System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(epochs.Take(epochs.Count - 1).Zip(epochs.Skip(1)).Count(p => p.First != p.Second), epochs.Distinct().Count() - 1);
    }

    [Fact, Trait("Category", "Long")]
    public async Task The_database_may_be_away_for_half_a_minute()
    {
        await using var cluster = await NodeCluster.CreateAsync(DatabaseKind.Postgres);
        var (run, seen, there, other) = await StartAsync(cluster);
        var worker = await run.FindWorkerAsync(there);

        await cluster.Database.Server!.CrashAsync();
        var back = Task.Delay(TimeSpan.FromSeconds(30));
        await Eventually.TrueAsync("word that the database is away", TimeSpan.FromSeconds(30), () => there.Said.Contains("The database can't be reached", StringComparison.Ordinal));
        var refusal = await Assert.ThrowsAnyAsync<LipSolException>(() => other.Client.Runs.StartAsync(TrainingRun.Request(1)));
        Assert.True(refusal.Status == System.Net.HttpStatusCode.ServiceUnavailable, $"{refusal.Message}\n{other.Said}");
        await back;
        await cluster.Database.Server.StartAsync();

        var done = await run.WaitForAsync(other, RunStatus.Completed, Patience);
        Assert.Single(done.Attempts);
        Assert.True(!there.HasExited && !other.HasExited);
        await AssertReadsAsUndisturbedAsync(run, seen, other);
    }

    private static async Task<(TrainingRun Run, SeenPoints Seen, NodeProcess There, NodeProcess Other)> StartAsync(NodeCluster cluster)
    {
        var nodes = await Task.WhenAll(cluster.StartAsync("first"), cluster.StartAsync("second"));
        var run = await TrainingRun.StartAsync(nodes[0].Client, Epochs);
        var seen = new SeenPoints();
        await seen.FollowAsync(nodes[1], run, until: 150);
        // The first one is written after 20 s.
        await Eventually.FindAsync("checkpoint", Patience, async () => (await nodes[1].Client.Runs.GetAsync(run.Id)).Artifacts.ContainsKey("checkpoint") ? "" : null);
        await seen.FollowAsync(nodes[1], run, until: seen.Count + 20);
        var there = (await nodes[1].Client.Runs.GetAsync(run.Id)).Node == "first" ? nodes[0] : nodes[1];
        return (run, seen, there, there == nodes[0] ? nodes[1] : nodes[0]);
    }

    private static async Task AssertWentOnAsync(TrainingRun run, SeenPoints seen, NodeProcess other)
    {
        var done = await run.WaitForAsync(other, RunStatus.Completed, Patience);
        Assert.Equal(2, done.Attempts.Count);
        Assert.NotEqual(done.Attempts[0].Node, done.Attempts[1].Node);
        Assert.True(done.Attempts[1].Epoch > done.Attempts[0].Epoch && done.Attempts[1].FromStep > 0, $"{done.Attempts[1]}");
        Assert.Contains("restart 1 of at most", done.Attempts[0].Ended);
        await AssertReadsAsUndisturbedAsync(run, seen, other);
    }

    private static async Task AssertReadsAsUndisturbedAsync(TrainingRun run, SeenPoints seen, NodeProcess node)
    {
        await seen.AssertAllAreKeptAsync(node, run, except: MeasuredAnew);
        await LossCurve.AssertWholeAsync(node, run, Epochs);
        var undisturbed = await TrainingRun.StartAsync(node.Client, Epochs);
        await undisturbed.WaitForAsync(node, RunStatus.Completed, Patience);
        Assert.Equal(await CurvesAsync(node, undisturbed), await CurvesAsync(node, run));
    }

    private static async Task<List<(string, long, double)>> CurvesAsync(NodeProcess node, TrainingRun run) =>
        [.. (await node.Client.Runs.GetMetricsAsync(run.Id)).Where(p => p.Name != MeasuredAnew).OrderBy(p => p.Name, StringComparer.Ordinal).ThenBy(p => p.Step).Select(p => (p.Name, p.Step, p.Value))];

    private static async Task<T?> TryAsync<T>(Func<Task<T>> call) where T : class
    {
        try
        {
            return await call();
        }
        catch (LipSolException e) when (NodeCluster.Passes(e))
        {
            return null;
        }
    }
}
