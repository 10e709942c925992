using LipSol.Models.Layers;
using LipSol.Models.Onnx;
using static TorchSharp.torch;

namespace LipSol.Models.Networks;

/// <summary>The last layer of a sentence network: features_BDT to logits_BTV, each frame by itself.</summary>
public sealed class LetterHead : Layer
{
    private readonly Layer letters;

    /// <summary>Creates it with random weights.</summary>
    /// <param name="features">D.</param>
    /// <param name="classes">V, the number of letters and the blank.</param>
    /// <param name="dropout">Share of values dropped before it.</param>
    public LetterHead(long features, int classes, double dropout) : base(nameof(LetterHead))
    {
        letters = new Stack(new Dropout(dropout), new Conv1d(features, classes, 1));
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => letters.call(input).transpose(1, 2);

    /// <inheritdoc/>
    public override string Export(OnnxGraphBuilder graph, string input) => graph.Node("Transpose", [letters.Export(graph, input)], ("perm", (long[])[0, 2, 1]));
}
