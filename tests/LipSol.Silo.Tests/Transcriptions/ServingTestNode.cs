using LipSol.Client;
using LipSol.Inference;
using LipSol.Language.Decoding;
using LipSol.Language.Evaluation;
using LipSol.Silo.Node;
using LipSol.Silo.Tests.Nodes;
using Microsoft.Extensions.DependencyInjection;

namespace LipSol.Silo.Tests.Transcriptions;

/// <summary>Nodes of a test's own with a model in production.</summary>
internal static class ServingTestNode
{
    public const string Model = "m";

    /// <summary>One that tells words by their brightness.</summary>
    public static async Task<TestNode> StartAsync(Func<NodeOptions, NodeOptions>? options = null, bool crops = false, Func<ModelManifest, ModelManifest>? model = null, Action<IServiceCollection>? add = null)
    {
        var node = await TestNode.StartAsync(options, crops, add);
        await PromoteAsync(node, model);
        return node;
    }

    public static async Task PromoteAsync(TestNode node, Func<ModelManifest, ModelManifest>? change = null)
    {
        node.AddCorpus();
        var run = await node.Client.Runs.StartAsync(new StartRun { Network = "brightness", Corpus = TestNode.Corpus });
        await (await node.Workers.NextAsync()).CompleteAsync(change: change);
        var decision = await node.Client.Models.PromoteAsync(Model, new Promote { RunId = run.Id });
        Assert.True(decision.Promoted, decision.Reason);
    }

    /// <summary>One that reads letters by grey levels, with all decoders.</summary>
    public static async Task<TestNode> StartWithSentencesAsync()
    {
        var node = await TestNode.StartAsync();
        node.AddSentences("sentences");
        var run = await node.Client.Runs.StartAsync(new StartRun { Network = "grey-letters", Corpus = "sentences" });
        await (await node.Workers.NextAsync()).CompleteSentencesAsync((DecoderKind.Beam, Enumerable.Range(0, 20).Select(i => new EvaluatedSample($"c{i}", "a", true, "ہم کب", "ہم کب", 0.9))));
        var decision = await node.Client.Models.PromoteAsync(Model, new Promote { RunId = run.Id, Threshold = 0 });
        Assert.True(decision.Promoted, decision.Reason);
        return node;
    }
}
