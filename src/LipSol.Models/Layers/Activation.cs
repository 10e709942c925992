using LipSol.Models.Onnx;
using static TorchSharp.torch;

namespace LipSol.Models.Layers;

/// <summary>max(x, 0).</summary>
public sealed class ReLU() : Layer(nameof(ReLU))
{
    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => nn.functional.relu(input);

    /// <inheritdoc/>
    public override string Export(OnnxGraphBuilder graph, string input) => graph.Node("Relu", [input]);
}

/// <summary>x · sigmoid(x).</summary>
public sealed class SiLU() : Layer(nameof(SiLU))
{
    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => nn.functional.silu(input);

    /// <inheritdoc/>
    public override string Export(OnnxGraphBuilder graph, string input) => graph.Node("Mul", [input, graph.Node("Sigmoid", [input])]);
}

/// <summary>max(x, 0) + slope · min(x, 0), with one learnt slope a channel (dimension 1).</summary>
public sealed class PReLU : Layer
{
    private readonly TorchSharp.Modules.PReLU activation;
    private readonly long channels;
    private readonly int dimensions;

    /// <summary>Creates the activation.</summary>
    /// <param name="channels">Channels.</param>
    /// <param name="dimensions">Dimensions after the channels: 1 for BCT, 2 for NCHW, 3 for BCTHW.</param>
    public PReLU(long channels, int dimensions) : base(nameof(PReLU))
    {
        (this.channels, this.dimensions) = (channels, dimensions);
        activation = nn.PReLU(channels);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => activation.call(input);

    /// <inheritdoc/>
    public override string Export(OnnxGraphBuilder graph, string input)
    {
        // ONNX broadcasts the slope from the last dimension, so it gets ones for those after the channels.
        using var slope = activation.weight.detach().reshape([channels, .. Enumerable.Repeat(1L, dimensions)]);
        return graph.Node("PRelu", [input, graph.Weight("slope", slope)]);
    }
}

/// <summary>Sets a share of the values to zero while training; nothing in evaluation and in ONNX.</summary>
public sealed class Dropout : Layer
{
    private readonly TorchSharp.Modules.Dropout dropout;

    /// <summary>Creates the layer.</summary>
    /// <param name="share">The share of values, 0 to 1.</param>
    public Dropout(double share) : base(nameof(Dropout))
    {
        dropout = nn.Dropout(share);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => dropout.call(input);

    /// <inheritdoc/>
    public override string Export(OnnxGraphBuilder graph, string input) => input;
}
