using LipSol.Client;
using LipSol.Testing.Cluster.Networks;
using LipSol.Testing.Postgres;
using Npgsql;

namespace LipSol.Cluster.Tests.Nodes;

/// <summary>A node that alone loses the way to the database.</summary>
[Trait("Category", "Long")]
public sealed class CutOffTests
{
    private const int Epochs = 400;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task A_node_that_is_cut_off_from_the_database_while_another_is_not_ends_itself_and_its_run_goes_on_there()
    {
        Assert.SkipWhen(PostgresServer.WhyNot is not null, PostgresServer.WhyNot ?? "");
        await using var cluster = await NodeCluster.CreateAsync(DatabaseKind.Postgres);
        await using var relay = TcpRelay.To(cluster.Database.Server!.Port);
        var detour = new NpgsqlConnectionStringBuilder(cluster.Database.Join) { Port = relay.Port };
        var whole = await cluster.StartAsync("whole", "--slots", "0");
        var cut = await cluster.StartThroughAsync(detour.ToString(), "cut");
        var run = await TrainingRun.StartAsync(whole.Client, Epochs);
        var worker = await run.FindWorkerAsync(cut);
        var seen = new SeenPoints();
        await seen.FollowAsync(whole, run, until: 60);
        await cluster.StartAsync("spare");

        relay.Cut();
        Assert.Equal(1, await cut.WaitForExitAsync(Patience));
        Assert.Matches(@"lipsol: This node hasn't reached the database for \d+ s, and node (whole|spare) does\. Its runs go on elsewhere\. This node ends, and its workers with it; start it again\.", cut.Said);
        await Eventually.TrueAsync("end of its worker", TimeSpan.FromSeconds(60), () => !worker.IsAlive);

        var done = await run.WaitForAsync(whole, RunStatus.Completed, Patience);
        Assert.Equal("spare", done.Node);
        Assert.Equal(2, done.Attempts.Count);
        await seen.AssertAllAreKeptAsync(whole, run, except: "clips_per_second");
        await LossCurve.AssertWholeAsync(whole, run, Epochs);

        // Once the way is mended it joins again under its name.
        relay.Mend();
        await cluster.StartThroughAsync(detour.ToString(), "cut");
        await NodeCluster.WaitAsync(whole, "slot of the node that was cut off", Patience, status => status.Slots.Any(s => s.Node == "cut"));
    }
}
