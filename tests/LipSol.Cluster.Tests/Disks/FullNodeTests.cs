using System.Net;
using LipSol.Client;
using LipSol.Cluster.Tests.Nodes;
using LipSol.Cluster.Tests.Uploads;

namespace LipSol.Cluster.Tests.Disks;

/// <summary>One node of two whose own disk fills up; what they share has room.</summary>
[Trait("Category", "Long")]
public sealed class FullNodeTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private readonly TemporaryFolder scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task Its_run_waits_for_room_and_loses_nothing_while_the_other_node_is_not_disturbed()
    {
        using var disk = SmallDisk.Mount(32 << 10);
        await using var cluster = await NodeCluster.CreateAsync(DatabaseKind.Sqlite);
        var small = await cluster.StartOnAsync(Path.Combine(disk.Path, "small"), "small");
        await ServingNode.PromoteAsync(small);
        var clip = Videos.Talking(scratch["clip.mp4"]);
        var run = await TrainingRun.StartAsync(small.Client, epochs: 10_000);
        await run.FindWorkerAsync(small);
        var seen = new SeenPoints();
        await seen.FollowAsync(small, run, until: 60);
        var large = await cluster.StartAsync("large");
        await NodeCluster.WaitAsync(large, "both slots", Patience, status => status.Slots.Count == 2);

        disk.Fill();
        await Eventually.FindAsync("run that waits for room", Patience, async () =>
        {
            disk.Fill();
            return (await large.Client.Runs.GetAsync(run.Id)) is { Status: RunStatus.Running, Node: "small", Phase: "waiting: the node's disk is full" } waits ? waits : null;
        });
        // The other one trains and reads clips; also through the full one runs are shown.
        await (await TrainingRun.StartAsync(large.Client, epochs: 3)).WaitForAsync(large, RunStatus.Completed, Patience);
        Assert.NotEmpty((await large.Client.Transcriptions.TranscribeAsync(clip)).Text);
        Assert.Equal([("large", false), ("small", true)], (await large.Client.Nodes.ListAsync()).Select(n => (n.Name, n.DiskFull)));
        disk.Fill();
        var refusal = await Assert.ThrowsAnyAsync<LipSolException>(() => small.Client.Transcriptions.TranscribeAsync(clip));
        Assert.Equal((HttpStatusCode.InsufficientStorage, "disk-full"), (refusal.Status, refusal.Reason));
        await small.Client.Nodes.ListAsync();

        // Once there's room the run goes on where it is.
        await seen.AssertAllAreKeptAsync(large, run);
        disk.Free();
        await seen.FollowAsync(large, run, until: seen.Count + 60);
        await large.Client.Runs.StopAsync(run.Id);
        await run.WaitForAsync(large, RunStatus.Stopped, Patience);
        await seen.AssertAllAreKeptAsync(large, run);
        Assert.Single(System.Text.RegularExpressions.Regex.Matches(await large.Client.Runs.GetLogAsync(run.Id), "the worker is process"));
        Assert.NotEmpty((await small.Client.Transcriptions.TranscribeAsync(clip)).Text);
    }

    [Fact]
    public async Task A_run_that_waits_there_for_room_goes_on_elsewhere_once_its_node_is_drained()
    {
        using var disk = SmallDisk.Mount(32 << 10);
        await using var cluster = await NodeCluster.CreateAsync(DatabaseKind.Sqlite);
        var small = await cluster.StartOnAsync(Path.Combine(disk.Path, "small"), "small");
        var run = await TrainingRun.StartAsync(small.Client, epochs: 10_000);
        await run.FindWorkerAsync(small);
        var seen = new SeenPoints();
        await seen.FollowAsync(small, run, until: 60);
        var large = await cluster.StartAsync("large");
        await Eventually.FindAsync("run that waits for room", Patience, async () =>
        {
            disk.Fill();
            return (await large.Client.Runs.GetAsync(run.Id)) is { Status: RunStatus.Running, Node: "small", Phase: "waiting: the node's disk is full" } waits ? waits : null;
        });

        await large.Client.Nodes.DrainAsync("small");
        await run.FindWorkerAsync(large);
        await seen.FollowAsync(large, run, until: seen.Count + 60);
        await large.Client.Runs.StopAsync(run.Id);
        var stopped = await run.WaitForAsync(large, RunStatus.Stopped, Patience);
        Assert.Contains("Node small is drained.", stopped.Attempts[0].Ended);
        await seen.AssertAllAreKeptAsync(large, run, except: "clips_per_second");
    }
}
