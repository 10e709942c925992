using LipSol.Clips;
using LipSol.Models.Layers;
using LipSol.Models.Onnx;
using LipSol.Models.Parameters;
using static TorchSharp.torch;

namespace LipSol.Models.Networks;

/// <summary>The sizes of <see cref="CharTcn"/>.</summary>
public sealed record CharTcnOptions : VisualTrunkOptions
{
    /// <summary>Channels of each scale of the temporal convolutions.</summary>
    [Parameter("scale_width", "channels of each of the three temporal scales", Least = 1, Most = 512)]
    public int ScaleWidth { get; init; } = 64;

    /// <summary>Temporal blocks; each looks twice as far as the one before.</summary>
    [Parameter("temporal_blocks", "temporal blocks, each reaching twice as far as the one before", Least = 1, Most = 6)]
    public int TemporalBlocks { get; init; } = 3;

    /// <summary>Share of values dropped in the temporal blocks and before the classifier.</summary>
    [Parameter("dropout", "share of values dropped", Least = 0, Most = 0.9)]
    public double Dropout { get; init; } = 0.2;
}

/// <summary><c>word-tcn</c> for sentences: the same eyes, multi-scale temporal convolutions, and a letter a frame instead of a word a clip.</summary>
public sealed class CharTcn : SentenceNetwork
{
    private readonly Layer visual, temporal, head;

    /// <summary>Creates the network with random weights.</summary>
    public CharTcn(CharTcnOptions options, InputSpec input, int classes) : base("char-tcn", input, classes)
    {
        ArgumentNullException.ThrowIfNull(options);
        var trunk = new VisualTrunk(options, input, GetName());
        visual = trunk;
        var channels = MultiScaleBlock.Scales.Count * options.ScaleWidth;
        temporal = new Stack(Enumerable.Range(0, options.TemporalBlocks).Select(i =>
            MultiScaleBlock.Create(i == 0 ? trunk.Features : channels, options.ScaleWidth, dilation: 1L << i, options.Dropout)));
        head = new LetterHead(channels, classes, options.Dropout);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => head.call(temporal.call(visual.call(input)));

    /// <inheritdoc/>
    public override string Export(OnnxGraphBuilder graph, string input) => head.Export(graph, temporal.Export(graph, visual.Export(graph, input)));

    /// <inheritdoc/>
    public override string ExportMasked(OnnxGraphBuilder graph, string input, MaskValue mask) =>
        head.ExportMasked(graph, temporal.ExportMasked(graph, visual.ExportMasked(graph, input, mask), mask), mask);

    /// <inheritdoc/>
    protected override Tensor Masked(Tensor input, ClipMask mask) => head.call(temporal.call(visual.call(input, mask), mask), mask);
}
