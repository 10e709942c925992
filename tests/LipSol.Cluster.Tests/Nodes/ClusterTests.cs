using System.Diagnostics;
using LipSol.Client;

namespace LipSol.Cluster.Tests.Nodes;

/// <summary>Several nodes that are one.</summary>
public sealed class ClusterTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    [Theory, InlineData(DatabaseKind.Sqlite), InlineData(DatabaseKind.Postgres)]
    public async Task A_run_started_through_one_node_trains_on_another_and_both_show_it(DatabaseKind kind)
    {
        await using var cluster = await NodeCluster.CreateAsync(kind);
        var serving = await cluster.StartAsync("serving", "--slots", "0");
        var training = await cluster.StartAsync("training");
        Assert.Equal(serving.Token, training.Token);
        await NodeCluster.WaitAsync(serving, "slot of the other node", Patience, status => status.Slots is [{ Node: "training" }]);

        var run = await TrainingRun.StartAsync(serving.Client, epochs: 2);
        var worker = await run.FindWorkerAsync(training);
        Assert.True(worker.IsAlive);
        var done = await run.WaitForAsync(serving, RunStatus.Completed, Patience);
        Assert.Equal("training", done.Node);
        var there = await training.Client.Runs.GetAsync(run.Id);
        Assert.Equal((done.Status, done.Reason, done.Figures.Count), (there.Status, there.Reason, there.Figures.Count));
        Assert.Equal(await serving.Client.Runs.GetMetricsAsync(run.Id), await training.Client.Runs.GetMetricsAsync(run.Id));
        Assert.Contains("the worker is process", await serving.Client.Runs.GetLogAsync(run.Id));

        // A model that one node promoted, another one reads with.
        var decision = await serving.Client.Models.PromoteAsync(ServingNode.Model, new Promote { RunId = run.Id, Threshold = 0 });
        Assert.True(decision.Promoted, decision.Reason);
        Assert.Equal(ServingNode.Model, Assert.Single(await training.Client.Models.ListAsync()).Name);
    }

    [Theory, InlineData(DatabaseKind.Sqlite), InlineData(DatabaseKind.Postgres)]
    public async Task A_node_that_is_killed_is_noticed_within_seconds_also_where_two_are_up(DatabaseKind kind)
    {
        await using var cluster = await NodeCluster.CreateAsync(kind);
        var first = await cluster.StartAsync("first");
        var second = await cluster.StartAsync("second");
        await NodeCluster.WaitAsync(second, "both nodes", Patience, status => status.Slots.Count == 2);

        // The first one has the cluster's grains, the scheduler among them.
        var since = Stopwatch.StartNew();
        await first.KillAsync();
        await NodeCluster.WaitAsync(second, "answer without the killed node", Patience, status => status.Slots is not null);
        Assert.InRange(since.Elapsed.TotalSeconds, 0, 30);
        var run = await TrainingRun.StartAsync(second.Client, epochs: 1);
        Assert.Equal("second", (await run.WaitForAsync(second, RunStatus.Completed, Patience)).Node);
    }
}
