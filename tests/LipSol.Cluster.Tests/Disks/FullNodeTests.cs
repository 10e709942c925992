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
    public async Task Its_run_loses_nothing_and_the_other_node_is_not_disturbed()
    {
        using var disk = SmallDisk.Mount(megabytes: 32);
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
        // The other one trains and reads clips; also through the full one runs are shown.
        await (await TrainingRun.StartAsync(large.Client, epochs: 3)).WaitForAsync(large, RunStatus.Completed, Patience);
        Assert.NotEmpty((await large.Client.Transcriptions.TranscribeAsync(clip)).Text);
        var refusal = await Assert.ThrowsAnyAsync<LipSolException>(() => small.Client.Transcriptions.TranscribeAsync(clip));
        Assert.Equal((HttpStatusCode.InsufficientStorage, "disk-full"), (refusal.Status, refusal.Reason));
        await small.Client.Nodes.ListAsync();

        // The run trained there, waited there, or went on elsewhere; there's no hole in it.
        await seen.AssertAllAreKeptAsync(large, run);
        disk.Free();
        await seen.FollowAsync(large, run, until: seen.Count + 60);
        await large.Client.Runs.StopAsync(run.Id);
        await run.WaitForAsync(large, RunStatus.Stopped, Patience);
        await seen.AssertAllAreKeptAsync(large, run, except: "clips_per_second");
        Assert.NotEmpty((await small.Client.Transcriptions.TranscribeAsync(clip)).Text);
    }
}
