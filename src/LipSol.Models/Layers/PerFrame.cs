using LipSol.Models.Onnx;
using static TorchSharp.torch;

namespace LipSol.Models.Layers;

/// <summary>Runs a trunk on every frame by itself: clip_BCTHW to features_BDT. Batch and length may be dynamic in ONNX.</summary>
public sealed class PerFrame : Layer
{
    private readonly Layer trunk;
    private readonly long channels, height, width, features;

    /// <summary>Creates the layer.</summary>
    /// <param name="trunk">Reads frames_NCHW with N = B·T and makes features_ND.</param>
    /// <param name="channels">C.</param>
    /// <param name="height">H.</param>
    /// <param name="width">W.</param>
    /// <param name="features">D.</param>
    public PerFrame(Layer trunk, long channels, long height, long width, long features) : base(nameof(PerFrame))
    {
        this.trunk = trunk;
        (this.channels, this.height, this.width, this.features) = (channels, height, width, features);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        var (batch, length) = (input.shape[0], input.shape[2]);
        var frames_NCHW = input.transpose(1, 2).reshape(batch * length, channels, height, width);
        return trunk.call(frames_NCHW).reshape(batch, length, features).transpose(1, 2);
    }

    /// <inheritdoc/>
    public override string Export(OnnxGraphBuilder graph, string input)
    {
        var frames_BTCHW = graph.Node("Transpose", [input], ("perm", (long[])[0, 2, 1, 3, 4]));
        var frames_NCHW = graph.Node("Reshape", [frames_BTCHW, graph.Integers(-1, channels, height, width)]);
        var features_ND = trunk.Export(graph, frames_NCHW);
        var shape = graph.Node("Concat", [graph.BatchSize, graph.Integers(-1, features)], ("axis", 0L));
        return graph.Node("Transpose", [graph.Node("Reshape", [features_ND, shape])], ("perm", (long[])[0, 2, 1]));
    }

    /// <summary>The trunk sees the clips' own frames only: nothing is computed, and no statistics are taken, behind a clip's end.</summary>
    protected override Tensor Masked(Tensor input, ClipMask mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        return mask.Unpack(trunk.call(mask.Pack(input.transpose(1, 2)))).transpose(1, 2);
    }
}
