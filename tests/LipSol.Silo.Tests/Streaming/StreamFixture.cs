using LipSol.Client;
using LipSol.Inference.Tests.Networks;
using LipSol.Language.Decoding;
using LipSol.Language.Evaluation;
using LipSol.Silo.Streaming;
using LipSol.Silo.Tests.Nodes;
using LipSol.Vision;

namespace LipSol.Silo.Tests.Streaming;

/// <summary>A node with two models in production: <c>letters</c> reads sentences of grey levels, <c>words</c> is of the real tracker's crops.</summary>
public sealed class StreamFixture : IAsyncLifetime
{
    internal TestNode Node { get; private set; } = null!;

    internal string DataHash { get; private set; } = "";

    internal string LettersRun { get; private set; } = "";

    public async ValueTask InitializeAsync() => (Node, LettersRun, DataHash) = await ServingAsync(new StreamLimits { MessageBytes = 200_000, Pixels = 640 * 480, Cropping = TimeSpan.FromMinutes(1) });

    public ValueTask DisposeAsync() => Node.DisposeAsync();

    internal static async Task<(TestNode Node, string LettersRun, string DataHash)> ServingAsync(StreamLimits limits)
    {
        var node = await TestNode.StartAsync(o => o with { Streams = limits });
        var dataHash = node.AddSentences("sentences");
        var letters = await node.Client.Runs.StartAsync(new StartRun { Network = "grey-letters", Corpus = "sentences" });
        await (await node.Workers.NextAsync()).CompleteSentencesAsync((DecoderKind.Beam, [new EvaluatedSample("x", "a", true, "ہم کب", "ہم کب", 0.9)]));
        await PromoteAsync(node, "letters", letters.Id);
        node.AddCorpus();
        var words = await node.Client.Runs.StartAsync(new StartRun { Network = "brightness", Corpus = TestNode.Corpus });
        await (await node.Workers.NextAsync()).CompleteAsync(change: m => m with { Crop = MouthCropper.DefaultSettings });
        await PromoteAsync(node, "words", words.Id);
        return (node, letters.Id, dataHash);
    }

    internal static async Task PromoteAsync(TestNode node, string model, string run)
    {
        var decision = await node.Client.Models.PromoteAsync(model, new Promote { RunId = run });
        Assert.True(decision.Promoted, decision.Reason);
    }

    /// <summary>The crops of a text: two frames a letter, with two of blank around each, and blank behind it.</summary>
    internal static IEnumerable<byte[]> Crops(string said, int blanks = 0)
    {
        var clip = GreyLettersModel.Clip(said);
        return Enumerable.Range(0, clip.Length).Select(t => clip.Frame(t).ToArray()).Concat(Enumerable.Repeat(new byte[96 * 96], blanks));
    }

    /// <summary>Frames at a camera's pace, by default sped up so that tests needn't wait.</summary>
    internal static async IAsyncEnumerable<ReadOnlyMemory<byte>> Camera(IEnumerable<byte[]> frames, TimeSpan? pace = null)
    {
        foreach (var frame in frames)
        {
            await Task.Delay(pace ?? TimeSpan.FromMilliseconds(15));
            yield return frame;
        }
    }
}
