using LipSol.Client;
using LipSol.Grains.Ports;
using LipSol.Inference;
using LipSol.Inference.Tests.Networks;
using LipSol.Silo.Tests.Nodes;
using Microsoft.Extensions.DependencyInjection;

namespace LipSol.Silo.Tests.Models;

public sealed class ModelTests(NodeFixture fixture)
{
    private readonly ModelsClient models = fixture.Client.Models;

    [Fact]
    public async Task A_node_loads_no_model_with_what_it_takes_from_nobody()
    {
        await using var node = await TestNode.StartAsync();
        using var folder = new TemporaryFolder();
        // field 7 (graph): field 1 (node): field 4 (operator) "Loop"
        BrightnessModel.Write(folder.Path, network: [0x3A, 8, 0x0A, 6, 0x22, 4, .. "Loop"u8]);
        var model = node.Artifacts.PutFolder(folder.Path, TestContext.Current.CancellationToken);
        var refused = await Assert.ThrowsAsync<UnusableModelException>(() => node.Services.GetRequiredService<IModelRuntime>().LoadAsync(model, TestContext.Current.CancellationToken));
        Assert.Contains("the operator Loop", refused.Message);
    }

    [Fact]
    public async Task A_version_names_the_run_and_the_data_behind_it()
    {
        var model = await models.GetAsync(NodeFixture.Model);
        Assert.Equal(1, model.Aliases["production"]);
        var version = await models.GetVersionAsync(NodeFixture.Model, 1);
        Assert.Equal((fixture.RunId, fixture.DataHash), (version.RunId, version.DataHash));
        Assert.Contains((await models.ListAsync()), m => m.Name == NodeFixture.Model);
        Assert.EndsWith(".dir", version.Artifact);
    }

    [Fact]
    public async Task The_gate_refuses_with_its_figures_and_a_rollback_goes_back()
    {
        await using var node = await TestNode.StartAsync();
        node.AddCorpus();
        var weak = await TrainAsync(node, 0.6);
        var refused = await node.Client.Models.PromoteAsync("m", new Promote { RunId = weak, Threshold = 0.9 });
        Assert.False(refused.Promoted);
        Assert.Equal(0.6, refused.Candidate!.Value, 1e-9);
        Assert.False((await node.Client.Models.GetAsync("m")).Aliases.ContainsKey("production"));

        Assert.True((await node.Client.Models.PromoteAsync("m", new Promote { RunId = weak, Threshold = 0.5 })).Promoted);
        var strong = await TrainAsync(node, 0.95);
        var promoted = await node.Client.Models.PromoteAsync("m", new Promote { RunId = strong });
        Assert.True(promoted.Promoted, promoted.Reason);
        Assert.True(promoted.ProbabilityBetter > 0.95);
        var again = await node.Client.Models.PromoteAsync("m", new Promote { RunId = weak, Threshold = 0.5 });
        Assert.False(again.Promoted);

        var back = await node.Client.Models.RollbackAsync("m", "it read badly");
        Assert.Equal(1, back.Version);

        // The evidence is in the answer and in the trail, and a key is one promotion.
        var asked = new Promote { Version = 2, Metric = "wer", Threshold = 0.5, Thresholds = new Dictionary<string, double> { ["word_accuracy.seen"] = 0.5 }, Key = "daily-1", Note = "daily" };
        var once = await node.Client.Models.PromoteAsync("m", asked);
        Assert.True(once.Promoted, once.Reason);
        var kept = (await node.Client.Models.GetHistoryAsync("m")).Entries[0];
        Assert.Equal((once.Time, "daily-1", "daily"), (kept.Time, kept.Key, kept.Note));
        Assert.Equal([("wer", 0.5, true), ("word_accuracy.seen", 0.5, true)], kept.Evidence!.Checks.Select(c => (c.Metric, c.Threshold, c.Passes)));
        Assert.Equal(kept.Candidate!.Value - kept.Production!.Value, kept.Evidence.Comparison!.Difference.Value, 1e-9);
        Assert.Equal((100, false), (kept.Evidence.Comparison.Clips, kept.Evidence.Comparison.MeasuredForThis));
        Assert.NotEmpty(await node.Client.Artifacts.GetAsync(kept.Evidence.Comparison.Evaluation));
        await node.Client.Models.RollbackAsync("m", "again");
        Assert.Equal(once.Time, (await node.Client.Models.PromoteAsync("m", asked)).Time);
        Assert.Equal(1, (await node.Client.Models.GetAsync("m")).Aliases["production"]);
    }

    [Fact]
    public async Task A_network_that_loads_and_cannot_read_does_not_go_into_production()
    {
        await using var node = await TestNode.StartAsync();
        node.AddCorpus();
        var sound = await TrainAsync(node, 0.6);
        Assert.True((await node.Client.Models.PromoteAsync("m", new Promote { RunId = sound, Threshold = 0.5 })).Promoted);
        var run = await node.Client.Runs.StartAsync(new StartRun { Network = "brightness", Corpus = TestNode.Corpus });
        await (await node.Workers.NextAsync()).CompleteAsync(network: BrightnessModel.Network(3, answersFor: 1));
        var decision = await node.Client.Models.PromoteAsync("m", new Promote { RunId = run.Id });
        Assert.False(decision.Promoted);
        Assert.True(decision.Evidence!.Passes);
        Assert.Contains("Node test couldn't load version 2", decision.Reason);
        Assert.Contains("can't read two clips at once", decision.Reason);
        Assert.Equal(1, (await node.Client.Models.GetAsync("m")).Aliases["production"]);
    }

    [Fact]
    public async Task A_model_of_words_decodes_no_sentences_and_aligns_none()
    {
        var decoded = await Assert.ThrowsAsync<LipSolRefusedException>(() => models.EvaluateAsync(NodeFixture.Model, TestNode.Corpus, decoder: "grammar"));
        Assert.Contains("single words", decoded.Message);
        var aligned = await Assert.ThrowsAsync<LipSolRefusedException>(() => fixture.Client.Corpora.AlignAsync(TestNode.Corpus, new AlignCorpus(NodeFixture.Model)));
        Assert.Contains("sentences", aligned.Message);
    }

    [Fact]
    public async Task A_version_is_measured_on_a_corpus()
    {
        var measured = await models.EvaluateAsync(NodeFixture.Model, TestNode.Corpus);
        Assert.Equal((36, 1.0), (measured.Samples.Count, measured.Figures["word_accuracy"].Value));
        Assert.Equal(12, measured.Figures["word_accuracy.unseen"].Count);
        Assert.True(measured.Figures["word_accuracy.unseen"].Low < 1);
        Assert.Empty(measured.Worst);
        var all = measured.Details!.Scopes["all"];
        Assert.Equal((36, 36L, 0L, 0L), (all.Samples, all.Words.Said, all.Words.Errors, all.Letters.Errors));
        Assert.Equal(36, measured.Details.Words.Sum(w => w.Count));
        Assert.Equal(all.Letters.Said, measured.Details.Letters.Sum(l => l.Count));
        Assert.All(measured.Details.Letters, l => Assert.Equal(l.Said, l.Read));
        Assert.Equal(36, measured.Details.SampleReliability!.Bins.Sum(b => b.Count));
    }

    [Fact]
    public async Task Requests_that_make_no_sense_are_refused()
    {
        await Assert.ThrowsAsync<LipSolRefusedException>(() => models.PromoteAsync(NodeFixture.Model, new Promote()));
        await Assert.ThrowsAsync<LipSolRefusedException>(() => models.PromoteAsync(NodeFixture.Model, new Promote { RunId = fixture.RunId, Version = 1 }));
        await Assert.ThrowsAsync<LipSolRefusedException>(() => models.PromoteAsync("a/b", new Promote { RunId = fixture.RunId }));
        await Assert.ThrowsAsync<LipSolRefusedException>(() => models.PromoteAsync("m", new Promote { RunId = fixture.RunId, Metric = "bleu" }));
        await Assert.ThrowsAsync<LipSolRefusedException>(() => models.PromoteAsync("m", new Promote { RunId = fixture.RunId, Confidence = 1.5 }));
        foreach (var (metric, key) in new[] { ("beauty", ""), ("wer", new string('k', 201)) })
            await Assert.ThrowsAsync<LipSolRefusedException>(() => models.PromoteAsync("m", new Promote { RunId = fixture.RunId, Thresholds = new Dictionary<string, double> { [metric] = 0.5 }, Key = key }));
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => models.PromoteAsync("m", new Promote { RunId = "none" }));
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => models.GetAsync("none"));
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => models.GetVersionAsync(NodeFixture.Model, 9));
        await Assert.ThrowsAsync<LipSolRefusedException>(() => models.SetAliasAsync(NodeFixture.Model, "production", 1));
        Assert.Equal(1, (await models.SetAliasAsync(NodeFixture.Model, "candidate", 1)).Aliases["candidate"]);
    }

    private static async Task<string> TrainAsync(TestNode node, double accuracy)
    {
        var run = await node.Client.Runs.StartAsync(new StartRun { Network = "brightness", Corpus = TestNode.Corpus });
        await (await node.Workers.NextAsync()).CompleteAsync(accuracy);
        return run.Id;
    }
}
