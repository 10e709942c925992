using LipSol.Models.Onnx;
using static TorchSharp.torch;

namespace LipSol.Models.Layers;

/// <summary>Batch normalisation over all dimensions but the channels (dimension 1). ONNX Runtime folds the node into the convolution before it.</summary>
public sealed class BatchNorm : Layer
{
    private const double Epsilon = 1e-5;
    private readonly nn.Module<Tensor, Tensor> norm;
    private readonly int dimensions;

    /// <summary>Creates the normalisation.</summary>
    /// <param name="channels">Channels.</param>
    /// <param name="dimensions">1 for BCT, 2 for NCHW, 3 for BCTHW.</param>
    public BatchNorm(long channels, int dimensions) : base(nameof(BatchNorm))
    {
        this.dimensions = dimensions;
        norm = dimensions switch
        {
            1 => nn.BatchNorm1d(channels, Epsilon),
            2 => nn.BatchNorm2d(channels, Epsilon),
            3 => nn.BatchNorm3d(channels, Epsilon),
            _ => throw new ArgumentOutOfRangeException(nameof(dimensions), dimensions, "1, 2 or 3"),
        };
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => norm.call(input);

    /// <summary>In training the statistics are those of the clips' own frames.</summary>
    protected override Tensor Masked(Tensor input, ClipMask mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        if (!training || dimensions == 2) return norm.call(input);
        var frames_N = mask.Pack(input.transpose(1, 2));
        var normal_N = dimensions == 1 ? norm.call(frames_N) : norm.call(frames_N.unsqueeze(2)).squeeze(2);
        return mask.Unpack(normal_N).transpose(1, 2);
    }

    /// <inheritdoc/>
    public override string Export(OnnxGraphBuilder graph, string input)
    {
        var state = norm.state_dict();
        return graph.Node("BatchNormalization",
            [input, graph.Weight("scale", state["weight"]), graph.Weight("shift", state["bias"]), graph.Weight("mean", state["running_mean"]), graph.Weight("variance", state["running_var"])],
            ("epsilon", (float)Epsilon));
    }
}

/// <summary>Layer normalisation over the last dimension.</summary>
public sealed class LayerNorm : Layer
{
    private const double Epsilon = 1e-5;
    private readonly TorchSharp.Modules.LayerNorm norm;

    /// <summary>Creates the normalisation of <paramref name="features"/> values.</summary>
    public LayerNorm(long features) : base(nameof(LayerNorm))
    {
        norm = nn.LayerNorm(features, Epsilon);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => norm.call(input);

    /// <inheritdoc/>
    public override string Export(OnnxGraphBuilder graph, string input)
    {
        var state = norm.state_dict();
        return graph.Node("LayerNormalization", [input, graph.Weight("scale", state["weight"]), graph.Weight("shift", state["bias"])], ("axis", -1L), ("epsilon", (float)Epsilon));
    }
}
