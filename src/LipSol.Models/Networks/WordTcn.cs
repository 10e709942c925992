using LipSol.Clips;
using LipSol.Models.Layers;
using LipSol.Models.Onnx;
using LipSol.Models.Parameters;
using static TorchSharp.torch;

namespace LipSol.Models.Networks;

/// <summary>The sizes of <see cref="WordTcn"/>.</summary>
public sealed record WordTcnOptions
{
    /// <summary>Channels of the 3D front end.</summary>
    [Parameter("front", "channels of the 3D front end", Least = 1, Most = 256)]
    public int Front { get; init; } = 32;

    /// <summary>Channels of the trunk's first stage; each later stage has twice as many.</summary>
    [Parameter("width", "channels of the trunk's first stage", Least = 1, Most = 512)]
    public int Width { get; init; } = 32;

    /// <summary>Stages of the trunk; each after the first halves the picture.</summary>
    [Parameter("stages", "stages of the trunk", Least = 1, Most = 4)]
    public int Stages { get; init; } = 3;

    /// <summary>Residual blocks a stage.</summary>
    [Parameter("blocks", "residual blocks a stage", Least = 1, Most = 8)]
    public int Blocks { get; init; } = 1;

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
    private static readonly long[] Scales = [3, 5, 7];

    private readonly Layer front, trunk, temporal, classifier;

    /// <summary>Creates the network with random weights.</summary>
    public WordTcn(WordTcnOptions options, InputSpec input, int classes) : base("word-tcn", input, classes)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(input);
        if (input.Size % 2 != 0) throw new InvalidParameterException($"word-tcn needs pictures of an even size; size is {input.Size}.");
        // Neighbours become channels before the first convolution: at this size a strided 5×7×7 kernel on single pixels takes most of the time.
        front = new Stack(
            new SpaceToDepth(1, input.Size, input.Size),
            new Conv3d(4, options.Front, kernel: (5, 3, 3), stride: (1, 2, 2), padding: (2, 1, 1), bias: false),
            new BatchNorm(options.Front, 3), new PReLU(options.Front, 3));
        var edge = Halve(input.Size / 2);

        var width = options.Width * (1 << (options.Stages - 1));
        trunk = new PerFrame(new Stack([.. Trunk(options), new GlobalAveragePool(), new Linear(width, width)]), options.Front, edge, edge, width);

        var channels = Scales.Length * options.ScaleWidth;
        temporal = new Stack(Enumerable.Range(0, options.TemporalBlocks).Select(i =>
            TemporalBlock(i == 0 ? width + input.Channels - 1 : channels, options.ScaleWidth, dilation: 1L << i, options.Dropout)));
        classifier = new Stack(new Dropout(options.Dropout), new Linear(input.MarksWord ? 2 * channels : channels, classes));
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        var features_BDT = trunk.call(front.call(WordMarks.Pixels(input)));
        if (!Input.MarksWord) return classifier.call(temporal.call(features_BDT).mean([2]));
        var marks_B1T = WordMarks.Marks(input);
        features_BDT = temporal.call(cat([features_BDT, marks_B1T], 1));
        return classifier.call(cat([features_BDT.mean([2]), TemporalMean.Marked(features_BDT, marks_B1T)], 1));
    }

    /// <inheritdoc/>
    public override string Export(OnnxGraphBuilder graph, string input)
    {
        var mean = new TemporalMean();
        var features = trunk.Export(graph, front.Export(graph, WordMarks.ExportPixels(graph, input)));
        if (!Input.MarksWord) return classifier.Export(graph, mean.Export(graph, temporal.Export(graph, features)));
        var marks = WordMarks.ExportMarks(graph, input);
        features = temporal.Export(graph, graph.Node("Concat", [features, marks], ("axis", 1L)));
        return classifier.Export(graph, graph.Node("Concat", [mean.Export(graph, features), TemporalMean.ExportMarked(graph, features, marks)], ("axis", 1L)));
    }

    private static IEnumerable<Layer> Trunk(WordTcnOptions options)
    {
        var from = options.Front;
        for (var stage = 0; stage < options.Stages; stage++)
            for (var block = 0; block < options.Blocks; block++)
            {
                var to = options.Width << stage;
                var stride = stage > 0 && block == 0 ? 2 : 1;
                yield return new Residual(
                    new Stack(
                        new Conv2d(from, to, 3, stride, 1, bias: false), new BatchNorm(to, 2), new PReLU(to, 2),
                        new Conv2d(to, to, 3, 1, 1, bias: false), new BatchNorm(to, 2)),
                    from == to && stride == 1 ? null : new Stack(new Conv2d(from, to, 1, stride, bias: false), new BatchNorm(to, 2)));
                yield return new PReLU(to, 2);
                from = to;
            }
    }

    private static Stack TemporalBlock(long from, long scaleWidth, long dilation, double dropout)
    {
        var channels = Scales.Length * scaleWidth;
        IEnumerable<Layer> Half(long channelsIn) =>
        [
            new Branches(Scales.Select(kernel => Conv1d.SameLength(channelsIn, scaleWidth, kernel, dilation, bias: false))),
            new BatchNorm(channels, 1), new PReLU(channels, 1), new Dropout(dropout),
        ];
        return new Stack(
            new Residual(new Stack([.. Half(from), .. Half(channels)]), from == channels ? null : new Conv1d(from, channels, 1)),
            new PReLU(channels, 1));
    }

    private static int Halve(int edge) => (edge + 1) / 2;
}
