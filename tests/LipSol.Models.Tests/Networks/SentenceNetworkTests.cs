using LipSol.Clips;
using LipSol.Models.Layers;
using LipSol.Models.Networks;
using static TorchSharp.torch;

namespace LipSol.Models.Tests.Networks;

public sealed class SentenceNetworkTests
{
    private const int Letters = 7;

    private static readonly Dictionary<string, string> Narrow = new() { ["width"] = "4", ["front"] = "4", ["hidden"] = "6", ["scale_width"] = "5" };

    public static TheoryData<string> All => [.. NetworkRegistry.Names.Where(n => NetworkRegistry.Task(n) == NetworkTask.Characters)];

    private static SentenceNetwork Create(string name)
    {
        manual_seed(7);
        var network = (SentenceNetwork)NetworkRegistry.Create(name, Narrow, new InputSpec { Frames = 20, Resize = 32, Size = 32, Mean = 0.5, StandardDeviation = 0.2 }, Letters);
        OnnxRun.Stir(network);
        network.eval();
        return network;
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_padded_batch_gives_each_clip_what_it_gives_alone_in_torch_and_in_onnx(string name)
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        var network = Create(name);
        long[] lengths = [13, 21, 2, 8];
        var clips = randn([4, 1, 21, 32, 32]); // what lies behind a clip's end is no zero
        var torch = network.call(clips, new ClipMask(lengths, 21));
        Assert.Equal([4, 21, Letters], torch.shape);
        var onnx = tensor(OnnxRun.Logits(network, clips, lengths)).reshape(4, 21, Letters);
        for (var b = 0; b < 4; b++)
        {
            var alone = clips.narrow(0, b, 1).narrow(2, 0, lengths[b]);
            var expected = network.call(alone);
            Near(expected, torch.narrow(0, b, 1).narrow(1, 0, lengths[b]));
            Near(expected, onnx.narrow(0, b, 1).narrow(1, 0, lengths[b]));
            Near(expected, tensor(OnnxRun.Logits(network, alone, lengths[b])).reshape(1, lengths[b], Letters));
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_network_that_reads_sentences_marks_no_word(string name) =>
        Assert.Throws<ArgumentException>(() => NetworkRegistry.Create(name, Narrow, new InputSpec { Frames = 20, Resize = 32, Size = 32, Mean = 0.5, StandardDeviation = 0.2, MarksWord = true }, Letters));

    private static void Near(Tensor expected, Tensor actual) => Assert.InRange((expected - actual).abs().max().item<float>(), 0, OnnxRun.Tolerance);
}
