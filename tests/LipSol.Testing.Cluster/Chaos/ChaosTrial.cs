using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using LipSol.Client;
using LipSol.Testing.Cluster.Nodes;
using LipSol.Testing.Cluster.Training;

namespace LipSol.Testing.Cluster.Chaos;

/// <summary>Real nodes that train and are read while everything happens to them that may; then every promise is checked, in the database.</summary>
internal sealed class ChaosTrial
{
    private static readonly TimeSpan EndPatience = TimeSpan.FromMinutes(6);
    private readonly ChaosOptions options;
    private readonly NodeCluster cluster;
    private readonly ChaosNodes nodes;
    private readonly ConcurrentDictionary<string, ChaosReader> readers = [];
    private readonly long began = Stopwatch.GetTimestamp();

    private ChaosTrial(ChaosOptions options, NodeCluster cluster)
    {
        this.options = options;
        this.cluster = cluster;
        nodes = new ChaosNodes([.. Enumerable.Range(1, options.Nodes).Select(i => new ChaosNode(cluster, $"node{i}"))]);
    }

    public static async Task<ChaosReport> RunAsync(ChaosOptions options, CancellationToken cancellationToken)
    {
        await using var cluster = await NodeCluster.CreateAsync(options.Database);
        return await new ChaosTrial(options, cluster).RunAsync(cancellationToken);
    }

    private async Task<ChaosReport> RunAsync(CancellationToken cancellationToken)
    {
        Say($"{options.Nodes} nodes start at once on {options.Database} (seed {options.Seed})");
        await Task.WhenAll(nodes.All.Select(n => n.StartAsync()));
        Say("two versions of a model are trained, and one is promoted");
        var serving = await ChaosServing.StartAsync(nodes, Say, cancellationToken);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var actions = new ChaosActions(options, nodes, cluster.Database, id => readers.GetValueOrDefault(id), Say);
        using var noMoreRuns = CancellationTokenSource.CreateLinkedTokenSource(over.Token);
        Task[] lookers = [.. Enumerable.Range(0, 2).Select(_ => LookAroundAsync(noMoreRuns.Token)), serving.ReadAsync(noMoreRuns.Token), serving.PromoteAsync(noMoreRuns.Token)];
        var trainings = Enumerable.Range(0, options.Runs).Select(i => TrainAsync(i, noMoreRuns.Token, over.Token)).ToArray();
        try
        {
            await actions.RunAsync(over.Token);
            Say("nothing more is done to the nodes; the runs train to their end");
            await noMoreRuns.CancelAsync();
            foreach (var node in nodes.All) await node.ReviveAsync();
            await Task.WhenAll(trainings).WaitAsync(EndPatience, over.Token);
            await Task.WhenAll(lookers);
        }
        catch (TimeoutException)
        {
            actions.Broken.Add($"Runs had not ended {EndPatience.TotalMinutes:0} minutes after the last disturbance: {await DescribeAsync(over.Token)}");
        }
        finally
        {
            await over.CancelAsync();
        }

        Say("an undisturbed run is trained to compare with");
        var undisturbed = await (await TrainingRun.StartAsync(nodes.Well[0].Client!, options.Epochs)).WaitForAsync(nodes.Well[0].Process, RunStatus.Completed, EndPatience);
        var promises = new Promises(cluster, nodes.Well[0].Client!, nodes, [.. readers.Values], actions.Workers, serving.Runs, undisturbed.Id);
        var broken = await promises.CheckAsync();
        broken = [.. actions.Broken, .. broken, .. await serving.CheckAsync(cancellationToken)];
        return new ChaosReport(actions.Done, readers.Count, promises.Attempts, readers.Values.Sum(r => (long)r.Points.Count), promises.PointsKept, actions.Failovers, serving.Counts, broken);
    }

    // One run after the other, each followed by a reader.
    private async Task TrainAsync(int place, CancellationToken noMoreRuns, CancellationToken cancellationToken)
    {
        for (var i = 0; !noMoreRuns.IsCancellationRequested; i++)
        {
            var request = $"chaos-{options.Seed}-{place}-{i}";
            var run = await nodes.CallAsync((c, ct) => c.Runs.StartAsync(TrainingRun.Request(options.Epochs) with { RequestId = request, MaximumRestarts = 1000, Name = request }, ct), cancellationToken);
            Say($"run {run.Id} is started");
            var reader = readers.GetOrAdd(run.Id, id => new ChaosReader(id, nodes));
            await reader.FollowAsync(cancellationToken);
            var done = await nodes.CallAsync((c, ct) => c.Runs.GetAsync(run.Id, ct), cancellationToken);
            Say($"run {run.Id} is {done.Status.ToString().ToLowerInvariant()} after {done.Attempts.Count} attempts");
        }
    }

    // What people do all day: lists, searches, a look at the nodes. None of it may move anything.
    private async Task LookAroundAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await nodes.CallAsync((c, ct) => c.Runs.ListAsync(cancellationToken: ct), cancellationToken);
                await nodes.CallAsync((c, ct) => c.Nodes.ListAsync(ct), cancellationToken);
                await Task.Delay(500, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The trial is over.
        }
    }

    private async Task<string> DescribeAsync(CancellationToken cancellationToken)
    {
        var runs = await nodes.CallAsync((c, ct) => c.Runs.ListAsync(cancellationToken: ct), cancellationToken);
        return string.Join("; ", runs.Where(r => r.Status != RunStatus.Completed).Select(r => $"{r.Id} {r.Status} ({r.Reason}) on {r.Node}"));
    }

    private void Say(string line) => options.Say(string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(began).TotalSeconds,7:0.0} s  {line}"));
}
