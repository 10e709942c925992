using LipSol.Models.Onnx;
using static TorchSharp.torch;

namespace LipSol.Models.Layers;

/// <summary>Takes the input apart: channel 0 are the pixels, channel 1 (where the network has it) marks the word's frames.</summary>
/// <remarks>The mark joins the features behind the trunk (Feng et al. 2020, https://arxiv.org/abs/2011.07557): it says nothing about space, and convolving it would cost as much as the pixels do.</remarks>
internal static class WordMarks
{
    internal static Tensor Pixels(Tensor clip_BCTHW) => clip_BCTHW.narrow(1, 0, 1);

    internal static Tensor Marks(Tensor clip_BCTHW) => clip_BCTHW.narrow(1, 1, 1).mean([3, 4]);

    internal static string ExportPixels(OnnxGraphBuilder graph, string clip) =>
        graph.Node("Slice", [clip, graph.Integers(0), graph.Integers(1), graph.Integers([1])]);

    internal static string ExportMarks(OnnxGraphBuilder graph, string clip) =>
        graph.Node("ReduceMean", [graph.Node("Slice", [clip, graph.Integers(1), graph.Integers(2), graph.Integers(1)])], ("axes", (long[])[3, 4]), ("keepdims", 0L));
}
