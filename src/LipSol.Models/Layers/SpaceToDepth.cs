using LipSol.Models.Onnx;
using static TorchSharp.torch;

namespace LipSol.Models.Layers;

/// <summary>Puts the 2×2 neighbours of a pixel into channels: clip_BCTHW to clip_B(4C)T(H/2)(W/2). Nothing is lost, and the convolution after it costs a quarter.</summary>
/// <remarks>A 3×3 kernel after it sees what a 6×6 kernel in steps of 2 would see before it.</remarks>
public sealed class SpaceToDepth : Layer
{
    private readonly long channels, height, width;

    /// <summary>Creates the layer; height and width are even.</summary>
    public SpaceToDepth(long channels, long height, long width) : base(nameof(SpaceToDepth))
    {
        if (height % 2 != 0 || width % 2 != 0) throw new ArgumentException($"{height}×{width} is not even.", nameof(height));
        (this.channels, this.height, this.width) = (channels, height, width);
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        var (batch, length) = (input.shape[0], input.shape[2]);
        return input.reshape(batch, channels, length, height / 2, 2, width / 2, 2).permute(0, 1, 4, 6, 2, 3, 5)
            .reshape(batch, 4 * channels, length, height / 2, width / 2);
    }

    /// <inheritdoc/>
    public override string Export(OnnxGraphBuilder graph, string input)
    {
        // Batch and length are dynamic: the first reshape takes rows apart (0 keeps a dimension), the last puts the channels together.
        var apart = graph.Node("Reshape", [input, graph.Node("Concat", [graph.BatchSize, graph.Integers(channels, -1, height / 2, 2, width / 2, 2)], ("axis", 0L))]);
        var channelsFirst = graph.Node("Transpose", [apart], ("perm", (long[])[0, 1, 4, 6, 2, 3, 5]));
        return graph.Node("Reshape", [channelsFirst, graph.Node("Concat", [graph.BatchSize, graph.Integers(4 * channels, -1, height / 2, width / 2)], ("axis", 0L))]);
    }
}
