using System.Buffers.Binary;
using LipSol.Client;
using LipSol.Silo.Tests.Nodes;

namespace LipSol.Silo.Tests.Models;

public sealed class ComparisonTests
{
    [Fact]
    public async Task Two_versions_are_read_on_the_same_clips_and_compared_clip_by_clip()
    {
        await using var node = await TestNode.StartAsync();
        var dataHash = node.AddCorpus();
        var good = await VersionAsync(node, 1);
        // It takes grey for dark: a third of the clips is read wrongly.
        var poor = await VersionAsync(node, 0.9, darker: true);

        var compared = await node.Client.Models.CompareAsync(new VersionName("m", poor), new VersionName("m", good), TestNode.Corpus);

        Assert.Equal((dataHash, poor, good), (compared.DataHash, compared.Candidate.Version, compared.Against.Version));
        var all = compared.Figures["word_accuracy"];
        Assert.Equal((2 / 3.0, 1, 36, 36), (all.Candidate.Value, all.Against.Value, all.Candidate.Count, all.Clips), Within);
        Assert.Equal(-1 / 3.0, all.Difference.Value, 9);
        Assert.True(all.Difference.High < 0);
        Assert.Equal(0, all.ProbabilityBetter, 2);
        Assert.Equal(24, compared.Figures["word_accuracy.seen"].Candidate.Count);
        Assert.Equal(12, compared.Figures["word_accuracy.unseen"].Candidate.Count);
        Assert.Equal(12, compared.Figures["wer.speaker:a"].Candidate.Count);
        Assert.True(compared.Figures["cer"].Difference.Value > 0);

        Assert.Equal(36, compared.Samples.Count);
        Assert.Equal(12, compared.Worst.Count);
        Assert.All(compared.Worst, w => Assert.Equal(("ایک", "کب", "ایک"), (w.Expected, w.Text, w.OtherText)));
        var strip = await node.Client.Corpora.GetStripAsync(TestNode.Corpus, compared.Worst[0].Id, frames: 4);
        Assert.Equal(4 * 96, BinaryPrimitives.ReadInt32BigEndian(strip.AsSpan(16)));
    }

    [Fact]
    public async Task An_evaluation_names_its_worst_clips()
    {
        await using var node = await TestNode.StartAsync();
        node.AddCorpus();
        var poor = await VersionAsync(node, 0.9, darker: true);
        var evaluation = await node.Client.Models.EvaluateAsync("m", TestNode.Corpus, poor);
        Assert.Equal(12, evaluation.Worst.Count);
        Assert.Equal(evaluation.Worst.OrderByDescending(w => w.Confidence).Select(w => w.Id), evaluation.Worst.Select(w => w.Id));
    }

    [Fact]
    public async Task What_is_not_there_is_said()
    {
        await using var node = await TestNode.StartAsync();
        node.AddCorpus();
        var one = await VersionAsync(node, 1);
        Task CompareAsync(VersionName candidate, VersionName against, string corpus = TestNode.Corpus) => node.Client.Models.CompareAsync(candidate, against, corpus);
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => CompareAsync(new VersionName("m", 9), new VersionName("m", one)));
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => CompareAsync(new VersionName("m", one), new VersionName("other", 1)));
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => CompareAsync(new VersionName("m", null), new VersionName("m", one)));
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => CompareAsync(new VersionName("m", one), new VersionName("m", one), "elsewhere"));
        await Assert.ThrowsAsync<LipSolRefusedException>(() => CompareAsync(new VersionName("", null), new VersionName("m", one)));
    }

    private static async Task<int> VersionAsync(TestNode node, double accuracy, bool darker = false)
    {
        var run = await node.Client.Runs.StartAsync(new StartRun { Network = "brightness", Corpus = TestNode.Corpus });
        await (await node.Workers.NextAsync()).CompleteAsync(accuracy, manifest => darker ? manifest with { Input = manifest.Input with { Mean = 0.75 } } : manifest);
        return (await node.Client.Models.RegisterAsync("m", run.Id)).Version;
    }

    private static bool Within((double, double, int, int) a, (double, double, int, int) b) => Math.Abs(a.Item1 - b.Item1) < 1e-9 && Math.Abs(a.Item2 - b.Item2) < 1e-9 && a.Item3 == b.Item3 && a.Item4 == b.Item4;
}
