using LipSol.Models.Onnx;
using static TorchSharp.torch;

namespace LipSol.Models.Layers;

/// <summary>Batch normalisation over all dimensions but the channels (dimension 1). ONNX Runtime folds the node into the convolution before it.</summary>
public sealed class BatchNorm : Layer
{
    private const double Epsilon = 1e-5, Momentum = 0.1;
    private readonly TorchSharp.Modules.BatchNorm1d norm;
    private readonly int dimensions;

    /// <summary>Creates the normalisation.</summary>
    /// <param name="channels">Channels.</param>
    /// <param name="dimensions">1 for BCT, 2 for NCHW, 3 for BCTHW.</param>
    public BatchNorm(long channels, int dimensions) : base(nameof(BatchNorm))
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(dimensions, 3);
        this.dimensions = dimensions;
        norm = nn.BatchNorm1d(channels, Epsilon, Momentum);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => Normalise(input);

    /// <summary>In training the statistics are those of the clips' own frames.</summary>
    protected override Tensor Masked(Tensor input, ClipMask mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        return training && dimensions != 2 ? mask.Unpack(Normalise(mask.Pack(input.transpose(1, 2)))).transpose(1, 2) : Normalise(input);
    }

    /// <inheritdoc/>
    public override string Export(OnnxGraphBuilder graph, string input)
    {
        var state = norm.state_dict();
        return graph.Node("BatchNormalization",
            [input, graph.Weight("scale", state["weight"]), graph.Weight("shift", state["bias"]), graph.Weight("mean", state["running_mean"]), graph.Weight("variance", state["running_var"])],
            ("epsilon", (float)Epsilon));
    }

    // Not the module's own forward: it counts batches (see Training.AdamW for what is wrong with that), and one module fits any number of dimensions.
    private Tensor Normalise(Tensor input) => nn.functional.batch_norm(input, norm.running_mean, norm.running_var, norm.weight, norm.bias, training, Momentum, Epsilon);
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
