using LipSol.Models.Onnx;
using static TorchSharp.torch;

namespace LipSol.Models.Layers;

/// <summary>Weighted sums of the last dimension: features_BC to features_BD.</summary>
public sealed class Linear : Layer
{
    private readonly TorchSharp.Modules.Linear linear;

    /// <summary>Creates the layer.</summary>
    public Linear(long from, long to) : base(nameof(Linear))
    {
        linear = nn.Linear(from, to);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => linear.call(input);

    /// <inheritdoc/>
    public override string Export(OnnxGraphBuilder graph, string input) =>
        graph.Node("Gemm", [input, graph.Weight("weight", linear.weight!), graph.Weight("bias", linear.bias!)], ("transB", 1L));
}
