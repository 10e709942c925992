using System.Text.Json;
using LipSol.Client;

namespace LipSol.Cluster.Tests.Nodes;

/// <summary>Taking a node out of service and putting it back.</summary>
public sealed class DrainTests
{
    // Enough that the run is still at it when its node is drained.
    private const int Epochs = 160;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    [Theory, InlineData(DatabaseKind.Sqlite), InlineData(DatabaseKind.Postgres)]
    public async Task The_run_of_a_drained_node_goes_on_elsewhere_from_its_checkpoint_and_loses_nothing(DatabaseKind kind)
    {
        await using var cluster = await NodeCluster.CreateAsync(kind);
        var serving = await cluster.StartAsync("serving", "--slots", "0");
        var first = await cluster.StartAsync("first");
        var run = await TrainingRun.StartAsync(serving.Client, Epochs);
        var worker = await run.FindWorkerAsync(first);
        var second = await cluster.StartAsync("second");
        await NodeCluster.WaitAsync(serving, "second slot", Patience, status => status.Slots.Count == 2);
        var seen = new SeenPoints();
        await seen.FollowAsync(serving, run, until: 60);

        var drained = await LipSolCommand.RunAsync(["nodes", "drain", "first", "--wait", "--data", serving.DataFolder]);
        Assert.True(drained.Status == 0, drained.Said);
        Assert.Equal("node first gets no more runs; none is on it", drained.Answer);
        await Eventually.TrueAsync("end of the worker on the drained node", Patience, () => !worker.IsAlive);
        var list = await LipSolCommand.RunAsync(["nodes", "list", "--data", serving.DataFolder, "--json"]);
        using (var nodes = JsonDocument.Parse(list.Answer))
            Assert.Equal([("first", true), ("second", false), ("serving", false)], nodes.RootElement.EnumerateArray().Select(n => (n.GetProperty("name").GetString()!, n.GetProperty("draining").GetBoolean())));
        Assert.Contains("drained", (await LipSolCommand.RunAsync(["nodes", "show", "first", "--data", serving.DataFolder])).Answer);

        await run.FindWorkerAsync(second);
        var done = await run.WaitForAsync(serving, RunStatus.Completed, Patience);
        Assert.Equal("second", done.Node);
        Assert.Equal(2, done.Attempts.Count);
        Assert.Contains("Node first is drained.", done.Attempts[0].Ended);
        // Not "restart 1 of at most 3": a node that is taken out of service costs the run none.
        Assert.DoesNotContain("restart", done.Attempts[0].Ended);
        await seen.AssertAllAreKeptAsync(second, run, except: "clips_per_second");
        await LossCurve.AssertWholeAsync(second, run, Epochs);
        await LossCurve.AssertAttemptsGoOnWhereTheOneBeforeStoppedAsync(second, run);

        // It stays out of service until it's put back, also when nothing else is free.
        var next = await TrainingRun.StartAsync(serving.Client, epochs: 1, needs: null);
        Assert.Equal("second", (await next.WaitForAsync(serving, RunStatus.Completed, Patience)).Node);
        await second.Client.Nodes.DrainAsync("second");
        var waits = await TrainingRun.StartAsync(serving.Client, epochs: 1);
        Assert.Equal(RunStatus.Queued, (await serving.Client.Runs.GetAsync(waits.Id)).Status);
        var back = await LipSolCommand.RunAsync(["nodes", "undrain", "first", "--data", serving.DataFolder]);
        Assert.Equal("node first gets runs again", back.Answer);
        Assert.Equal("first", (await waits.WaitForAsync(serving, RunStatus.Completed, Patience)).Node);
    }

    [Fact]
    public async Task A_node_that_there_is_not_cannot_be_drained()
    {
        await using var cluster = await NodeCluster.CreateAsync(DatabaseKind.Sqlite);
        var node = await cluster.StartAsync("only");
        var refused = await LipSolCommand.RunAsync(["nodes", "drain", "onyl", "--data", node.DataFolder]);
        Assert.NotEqual(0, refused.Status);
        Assert.Contains("There is no node \"onyl\". The nodes: only.", refused.Said);
    }
}
