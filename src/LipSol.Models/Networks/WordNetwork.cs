using LipSol.Clips;
using LipSol.Models.Onnx;

namespace LipSol.Models.Networks;

/// <summary>A network that reads one word: clip_BCTHW to logits_BV.</summary>
public abstract class WordNetwork : Network
{
    /// <summary>Name of the ONNX graph's output.</summary>
    public const string OutputName = "logits_BV";

    /// <summary>Creates the network.</summary>
    /// <param name="name">Its name in <see cref="NetworkRegistry"/>.</param>
    /// <param name="input">What it reads.</param>
    /// <param name="classes">V, the number of words.</param>
    protected WordNetwork(string name, InputSpec input, int classes) : base(name, input, classes) { }

    /// <inheritdoc/>
    public override byte[] ToOnnx(IEnumerable<KeyValuePair<string, string>>? metadata = null)
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        var graph = new OnnxGraphBuilder(GetName(), InputName, InputShape);
        return graph.Build(Export(graph, graph.Input), OutputName, [("batch", null), ("words", Classes)], metadata ?? []);
    }
}
