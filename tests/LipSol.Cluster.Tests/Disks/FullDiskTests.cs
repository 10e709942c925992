using System.Net;
using LipSol.Client;
using LipSol.Cluster.Tests.Nodes;
using LipSol.Cluster.Tests.Uploads;

namespace LipSol.Cluster.Tests.Disks;

/// <summary>A node whose disk fills up.</summary>
[Trait("Category", "Long")]
public sealed class FullDiskTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private readonly TemporaryFolder scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task A_disk_that_fills_up_while_a_run_trains_and_a_clip_is_sent_loses_nothing_and_service_returns_with_the_room()
    {
        using var disk = SmallDisk.Mount(64 << 10);
        BrightCorpus.WriteTo(disk.Path);
        await using var node = await NodeProcess.StartAsync(disk.Path);
        await ServingNode.PromoteAsync(node);
        var clip = Videos.Talking(scratch["clip.mp4"]);
        Assert.NotEmpty((await node.Client.Transcriptions.TranscribeAsync(clip)).Text);

        var seen = new SeenPoints();
        var run = await TrainingRun.StartAsync(node.Client, epochs: 10_000);
        await seen.FollowAsync(node, run, until: 60);
        disk.Fill();

        // The run waits, and says for what.
        await Eventually.FindAsync("run that waits for room", Patience, async () =>
        {
            disk.Fill();
            return (await node.Client.Runs.GetAsync(run.Id)) is { Status: RunStatus.Running, Phase: "waiting: the node's disk is full" } waits ? waits : null;
        });
        disk.Fill();
        await AssertIsFullAsync(() => node.Client.Transcriptions.TranscribeAsync(clip));
        await AssertIsFullAsync(() => TrainingRun.StartAsync(node.Client, epochs: 3));
        Assert.Equal("live\n", await node.GetStringAsync("health/live"));
        await node.Client.GetNodeAsync();
        await seen.AssertAllAreKeptAsync(node, run);

        disk.Free();
        await seen.FollowAsync(node, run, until: seen.Count + 60);
        Assert.NotEmpty((await node.Client.Transcriptions.TranscribeAsync(clip)).Text);
        await node.Client.Runs.StopAsync(run.Id);
        await run.WaitForAsync(node, RunStatus.Stopped, Patience);
        await seen.AssertAllAreKeptAsync(node, run);
        await (await TrainingRun.StartAsync(node.Client, epochs: 3)).WaitForAsync(node, RunStatus.Completed, Patience);
        Assert.Single(System.Text.RegularExpressions.Regex.Matches(await node.Client.Runs.GetLogAsync(run.Id), "the worker is process"));
    }

    [Fact]
    public async Task A_node_that_has_no_room_to_start_says_so_and_starts_once_there_is()
    {
        using var disk = SmallDisk.Mount(16 << 10);
        disk.Fill();
        var (status, said) = await NodeProcess.RefuseAsync(Path.Combine(disk.Path, "data"));
        Assert.NotEqual(0, status);
        Assert.Contains("full", said);
        Assert.DoesNotContain("   at ", said);

        disk.Free();
        await using var node = await NodeProcess.StartAsync(Path.Combine(disk.Path, "data"));
        Assert.Equal("ready\n", await node.GetStringAsync("health/ready"));
    }

    private static async Task AssertIsFullAsync(Func<Task> request)
    {
        var refusal = await Assert.ThrowsAnyAsync<LipSolException>(request);
        Assert.Equal((HttpStatusCode.InsufficientStorage, "disk-full"), (refusal.Status, refusal.Reason));
        Assert.Contains("Free some space", refusal.Message);
    }
}
