using LipSol.Client;
using LipSol.Cluster.Tests.Nodes;
using LipSol.Cluster.Tests.Uploads;

namespace LipSol.Cluster.Tests.Serving;

/// <summary>What a promotion takes of a node's memory comes back.</summary>
public sealed class PromotionMemoryTests(ITestOutputHelper output)
{
    private const int First = 5, Last = 50;
    private const double MostGrowth = 1.1, EitherIsAsGood = 0.4;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    [Fact, Trait("Category", "Long")]
    public async Task After_fifty_promotions_a_node_holds_what_it_held_after_five()
    {
        using var folder = new TemporaryFolder();
        BrightCorpus.WriteTo(folder.Path);
        await using var node = await NodeProcess.StartAsync(folder.Path);
        // The same training twice: two versions that read alike, so that each may follow the other.
        for (var version = 1; version <= 2; version++)
        {
            var run = await TrainingRun.StartAsync(node.Client, epochs: 2);
            await run.WaitForAsync(node, RunStatus.Completed, Patience);
            await node.Client.Models.RegisterAsync(ServingNode.Model, run.Id);
        }
        var process = LinuxProcess.Find(node.ProcessId);
        var held = new Dictionary<int, double>();
        for (var promotion = 1; promotion <= Last; promotion++)
        {
            var decision = await node.Client.Models.PromoteAsync(ServingNode.Model, new Promote { Version = 1 + promotion % 2, Threshold = 0, Confidence = EitherIsAsGood });
            Assert.True(decision.Promoted, decision.Reason);
            held[promotion] = await MegabytesWhileReadingAsync(node, process);
        }
        output.WriteLine(string.Join(", ", held.Select(h => FormattableString.Invariant($"{h.Key}: {h.Value:0} MB"))));
        Assert.True(held[Last] <= MostGrowth * held[First], $"{held[First]:0} MB after {First} promotions, {held[Last]:0} MB after {Last}");
    }

    // In the median: a collection now and then lets it rise and fall.
    private static async Task<double> MegabytesWhileReadingAsync(NodeProcess node, LinuxProcess process)
    {
        var samples = new List<double>();
        for (var i = 0; i < 40; i++)
        {
            await node.Client.Transcriptions.TranscribeAsync(new MemoryStream(MouthClips.Good(i % 8)), "clip.npz", new TranscriptionOptions { Model = ServingNode.Model });
            samples.Add(process.Memory / 1048576.0);
        }
        return samples.Order().ElementAt(samples.Count / 2);
    }
}
