using LipSol.Client;

namespace LipSol.Cluster.Tests.Nodes;

/// <summary>Nodes of a cluster as people start them, and commands where none runs.</summary>
public sealed class UpTests
{
    private const int Epochs = 160;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    [Fact]
    public async Task The_run_of_a_node_that_lipsol_up_started_goes_on_elsewhere_when_it_dies()
    {
        await using var cluster = await NodeCluster.CreateAsync(DatabaseKind.Sqlite);
        var serving = await cluster.StartWithUpAsync("serving", "--slots", "0");
        var first = await cluster.StartWithUpAsync("first");
        var run = await TrainingRun.StartAsync(serving.Client, Epochs);
        await run.FindWorkerAsync(first);
        await cluster.StartWithUpAsync("second");
        var seen = new SeenPoints();
        await seen.FollowAsync(serving, run, until: 60);

        Signal.Kill.Send(NodeFile.Read(first.DataFolder)!.ProcessId);
        Assert.Equal(1, await first.WaitForExitAsync(TimeSpan.FromSeconds(60)));
        var done = await run.WaitForAsync(serving, RunStatus.Completed, Patience);
        Assert.Equal("second", done.Node);
        Assert.Contains("restart 1 of at most 3, after: Node first died.", done.Attempts[0].Ended);
        await seen.AssertAllAreKeptAsync(serving, run, except: "clips_per_second");
    }

    [Fact]
    public async Task A_command_where_the_clusters_node_does_not_run_starts_none_in_its_place()
    {
        await using var cluster = await NodeCluster.CreateAsync(DatabaseKind.Sqlite);
        var node = await cluster.StartAsync("only");
        node.Send(Signal.Terminate);
        Assert.Equal(0, await node.WaitForExitAsync(TimeSpan.FromSeconds(60)));

        var refused = await LipSolCommand.RunAsync(["runs", "list", "--data", node.DataFolder], ("LIPSOL_JOIN", cluster.Database.Join));
        Assert.Equal(1, refused.Status);
        Assert.Contains($"No node runs on {node.DataFolder}, whose node is one of a cluster. Start it with `lipsol up`", refused.Said);

        // A data folder of its own has nothing to do with the cluster that the environment names.
        var own = await LipSolCommand.RunAsync(["nodes", "list", "--json", "--data", cluster.DataFolder("own")], ("LIPSOL_JOIN", cluster.Database.Join));
        Assert.True(own.Status == 0, own.Said);
        Assert.Empty(await cluster.Database.QueryAsync("SELECT Name FROM ClusterNode WHERE Name <> 'only'"));
    }
}
