using LipSol.Clips;
using LipSol.Models.Layers;
using LipSol.Models.Onnx;

namespace LipSol.Models.Networks;

/// <summary>A network that reads one word: clip_BCTHW to logits_BV.</summary>
public abstract class WordNetwork : Layer
{
    /// <summary>Name of the ONNX graph's input.</summary>
    public const string InputName = "clip_BCTHW";

    /// <summary>Name of the ONNX graph's output.</summary>
    public const string OutputName = "logits_BV";

    /// <summary>Creates the network.</summary>
    /// <param name="name">Its name in <see cref="NetworkRegistry"/>.</param>
    /// <param name="input">What it reads.</param>
    /// <param name="classes">V.</param>
    protected WordNetwork(string name, InputSpec input, int classes) : base(name) => (Input, Classes) = (input, classes);

    /// <summary>What it reads.</summary>
    public InputSpec Input { get; }

    /// <summary>V, the number of words.</summary>
    public int Classes { get; }

    /// <summary>Number of weights that are trained.</summary>
    public long WeightCount => parameters().Sum(p => p.numel());

    /// <summary>The network as an ONNX model; batch and length are dynamic.</summary>
    /// <param name="metadata">Written into the file: where the model came from.</param>
    public byte[] ToOnnx(IEnumerable<KeyValuePair<string, string>>? metadata = null)
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        var graph = new OnnxGraphBuilder(GetName(), InputName, [("batch", null), ("channels", Input.Channels), ("length", null), ("height", Input.Size), ("width", Input.Size)]);
        return graph.Build(Export(graph, graph.Input), OutputName, [("batch", null), ("words", Classes)], metadata ?? []);
    }
}
