using LipSol.Clips;
using LipSol.Models.Layers;
using LipSol.Models.Onnx;

namespace LipSol.Models.Networks;

/// <summary>A network that reads text letter by letter: clip_BCTHW and length_B to logits_BTV, one row a frame, for CTC (Graves et al. 2006, https://doi.org/10.1145/1143844.1143891).</summary>
/// <remarks>Class 0 is CTC's blank. A clip gives the same logits in a padded batch as alone; those behind its end mean nothing.</remarks>
public abstract class SentenceNetwork : Network
{
    /// <summary>Name of the ONNX graph's second input: frames of each clip, int64.</summary>
    public const string LengthName = "length_B";

    /// <summary>Name of the ONNX graph's output.</summary>
    public const string OutputName = "logits_BTV";

    /// <summary>Creates the network.</summary>
    /// <param name="name">Its name in <see cref="NetworkRegistry"/>.</param>
    /// <param name="input">What it reads; it marks no word.</param>
    /// <param name="classes">V, the number of letters and the blank.</param>
    protected SentenceNetwork(string name, InputSpec input, int classes) : base(name, input, classes)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.MarksWord) throw new ArgumentException($"{name} reads whole sentences: there is no word to mark.", nameof(input));
    }

    /// <inheritdoc/>
    public override byte[] ToOnnx(IEnumerable<KeyValuePair<string, string>>? metadata = null)
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        var graph = new OnnxGraphBuilder(GetName(), InputName, InputShape);
        var mask = new MaskValue(graph, graph.Input, graph.IntegerInput(LengthName));
        return graph.Build(ExportMasked(graph, graph.Input, mask), OutputName, [("batch", null), ("length", null), ("letters", Classes)], metadata ?? []);
    }
}
