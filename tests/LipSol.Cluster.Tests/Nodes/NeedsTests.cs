using LipSol.Client;

namespace LipSol.Cluster.Tests.Nodes;

/// <summary>Runs that ask for more than just any node.</summary>
public sealed class NeedsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_run_that_no_node_can_serve_waits_says_why_and_starts_when_such_a_node_joins()
    {
        await using var cluster = await NodeCluster.CreateAsync(DatabaseKind.Sqlite);
        var plain = await cluster.StartAsync("plain", "--label", "slow");
        var run = await TrainingRun.StartAsync(plain.Client, epochs: 1, needs: new RunNeeds { Labels = ["a100"] });
        // It doesn't hold up those behind it.
        var behind = await TrainingRun.StartAsync(plain.Client, epochs: 1);
        await behind.WaitForAsync(plain, RunStatus.Completed, Patience);

        const string why = "no node has the label 'a100' (there are: slow)";
        var waiting = await plain.Client.Runs.GetAsync(run.Id);
        Assert.Equal((RunStatus.Queued, why), (waiting.Status, waiting.Waits));
        Assert.Equal(why, Assert.Single((await plain.Client.GetNodeAsync()).Queue).Waits);
        var shown = await LipSolCommand.RunAsync(["runs", "show", run.Id, "--data", plain.DataFolder]);
        Assert.Equal(0, shown.Status);
        Assert.Contains($"waits: {why}", shown.Answer);

        await cluster.StartAsync("special", "--label", "a100", "--label", "lab-2");
        var done = await run.WaitForAsync(plain, RunStatus.Completed, Patience);
        Assert.Equal("special", done.Node);
        Assert.Null(done.Waits);
        var joined = await plain.Client.Nodes.GetAsync("special");
        Assert.Equal(["a100", "lab-2"], joined.Labels);
        Assert.True(joined.Up && joined.UpSince <= joined.LastHeardOf && joined.LastHeardOf > DateTimeOffset.UtcNow.AddMinutes(-1), $"{joined}");
    }
}
