using LipSol.Client;
using LipSol.Cluster.Tests.Nodes;

namespace LipSol.Cluster.Tests.Uploads;

/// <summary>Transcriptions of a node that dies, as another node of the cluster tells of them.</summary>
public sealed class LaterTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(75);

    [Fact]
    public async Task Answers_outlive_the_node_that_gave_them_and_what_it_had_under_way_says_failed_with_a_reason()
    {
        await using var cluster = await NodeCluster.CreateAsync(DatabaseKind.Sqlite);
        using var scratch = new TemporaryFolder();
        var first = await cluster.StartAsync("first");
        await ServingNode.PromoteAsync(first);
        var second = await cluster.StartAsync("second", "--slots", "0");
        var read = await first.Client.Transcriptions.TranscribeAsync(new MemoryStream(MouthClips.Good()), "x.npz");
        var clip = Videos.Talking(scratch["4k.avi"], 40, width: 3840, height: 2160);
        var batch = await first.Client.Transcriptions.StartBatchAsync([clip, clip, clip, clip]);
        await Eventually.FindAsync("clip under way", Patience, async () => (await second.Client.Transcriptions.GetBatchAsync(batch.Id)).Transcriptions.FirstOrDefault(t => t.State == TranscriptionState.Cropping));
        await first.KillAsync();

        Assert.Equal(read.Text, (await second.Client.Transcriptions.GetAsync(read.Id)).Transcription!.Text);
        var ended = await Eventually.FindAsync("end of what was under way", Patience, async () => await second.Client.Transcriptions.GetBatchAsync(batch.Id) is { HasEnded: true } all ? all : null);
        var failed = ended.Transcriptions.Where(t => t.State != TranscriptionState.Done).ToArray();
        Assert.NotEmpty(failed);
        Assert.All(failed, t => Assert.Equal((TranscriptionState.Failed, "node-gone", "first"), (t.State, t.Problem!.Reason, t.Node)));
        Assert.Contains("Send the clip again", failed[0].Problem!.Detail);

        // Started again, it has forgotten them, and nothing of the uploads is left.
        var again = await cluster.StartAsync("first");
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(again.DataFolder, "uploads")));
        Assert.Equal("node-gone", (await again.Client.Transcriptions.GetBatchAsync(batch.Id)).Transcriptions.First(t => t.State == TranscriptionState.Failed).Problem!.Reason);
    }
}
