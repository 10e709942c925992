using LipSol.Clips;
using LipSol.Models.Layers;
using LipSol.Models.Onnx;
using static TorchSharp.torch;

namespace LipSol.Models.Networks;

/// <summary>LipNet (Assael et al. 2016, https://arxiv.org/abs/1611.01599) at a size that trains on two cores: three 3D convolutions, recurrent layers that read forwards and backwards, a letter a frame.</summary>
public sealed class CharGru : SentenceNetwork
{
    private readonly Layer visual, recurrent, head;

    /// <summary>Creates the network with random weights.</summary>
    public CharGru(LipNetOptions options, InputSpec input, int classes) : base("char-gru", input, classes)
    {
        ArgumentNullException.ThrowIfNull(options);
        var front = new SpatioTemporalFront(options, input, GetName());
        visual = front;
        recurrent = new BiGru(front.Features, options.Hidden, options.Depth, options.Dropout);
        head = new LetterHead(2L * options.Hidden, classes, options.Dropout);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => head.call(recurrent.call(visual.call(input)));

    /// <inheritdoc/>
    public override string Export(OnnxGraphBuilder graph, string input) => head.Export(graph, recurrent.Export(graph, visual.Export(graph, input)));

    /// <inheritdoc/>
    public override string ExportMasked(OnnxGraphBuilder graph, string input, MaskValue mask) =>
        head.ExportMasked(graph, recurrent.ExportMasked(graph, visual.ExportMasked(graph, input, mask), mask), mask);

    /// <inheritdoc/>
    protected override Tensor Masked(Tensor input, ClipMask mask) => head.call(recurrent.call(visual.call(input, mask), mask), mask);
}
