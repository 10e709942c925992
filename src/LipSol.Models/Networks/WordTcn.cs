using LipSol.Clips;
using LipSol.Models.Layers;
using LipSol.Models.Onnx;
using LipSol.Models.Parameters;
using static TorchSharp.torch;

namespace LipSol.Models.Networks;

/// <summary>The sizes of <see cref="WordTcn"/>.</summary>
public sealed record WordTcnOptions : VisualTrunkOptions
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

/// <summary>
/// A 3D convolution, a residual trunk on each frame and multi-scale temporal convolutions: the shape of MS-TCN (Martinez et al. 2020,
/// https://arxiv.org/abs/2001.08702) at a size that trains on two cores.
/// </summary>
public sealed class WordTcn : WordNetwork
{
    private readonly Layer visual, temporal, classifier;

    /// <summary>Creates the network with random weights.</summary>
    public WordTcn(WordTcnOptions options, InputSpec input, int classes) : base("word-tcn", input, classes)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(input);
        var trunk = new VisualTrunk(options, input, GetName());
        visual = trunk;
        var channels = MultiScaleBlock.Scales.Count * options.ScaleWidth;
        temporal = new Stack(Enumerable.Range(0, options.TemporalBlocks).Select(i =>
            MultiScaleBlock.Create(i == 0 ? trunk.Features + input.Channels - 1 : channels, options.ScaleWidth, dilation: 1L << i, options.Dropout)));
        classifier = new Stack(new Dropout(options.Dropout), new Linear(input.MarksWord ? 2 * channels : channels, classes));
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        var features_BDT = visual.call(WordMarks.Pixels(input));
        if (!Input.MarksWord) return classifier.call(temporal.call(features_BDT).mean([2]));
        var marks_B1T = WordMarks.Marks(input);
        features_BDT = temporal.call(cat([features_BDT, marks_B1T], 1));
        return classifier.call(cat([features_BDT.mean([2]), TemporalMean.Marked(features_BDT, marks_B1T)], 1));
    }

    /// <inheritdoc/>
    public override string Export(OnnxGraphBuilder graph, string input)
    {
        var mean = new TemporalMean();
        var features = visual.Export(graph, WordMarks.ExportPixels(graph, input));
        if (!Input.MarksWord) return classifier.Export(graph, mean.Export(graph, temporal.Export(graph, features)));
        var marks = WordMarks.ExportMarks(graph, input);
        features = temporal.Export(graph, graph.Node("Concat", [features, marks], ("axis", 1L)));
        return classifier.Export(graph, graph.Node("Concat", [mean.Export(graph, features), TemporalMean.ExportMarked(graph, features, marks)], ("axis", 1L)));
    }
}
