using LipSol.Clips;
using LipSol.Models.Layers;
using LipSol.Models.Onnx;
using LipSol.Models.Parameters;
using static TorchSharp.torch;

namespace LipSol.Models.Networks;

/// <summary>The sizes of <see cref="WordGru"/>.</summary>
public sealed record WordGruOptions
{
    /// <summary>Channels of the first block; the second and third have two and three times as many.</summary>
    [Parameter("width", "channels of the first 3D block", Least = 1, Most = 256)]
    public int Width { get; init; } = 16;

    /// <summary>Units of the recurrent layers in each direction.</summary>
    [Parameter("hidden", "recurrent units in each direction", Least = 1, Most = 1024)]
    public int Hidden { get; init; } = 128;

    /// <summary>Recurrent layers.</summary>
    [Parameter("depth", "recurrent layers", Least = 1, Most = 4)]
    public int Depth { get; init; } = 2;

    /// <summary>Share of values dropped between recurrent layers and before the classifier.</summary>
    [Parameter("dropout", "share of values dropped", Least = 0, Most = 0.9)]
    public double Dropout { get; init; } = 0.3;
}

/// <summary>Three 3D convolutions and recurrent layers that read forwards and backwards: LipNet's shape (Assael et al. 2016, https://arxiv.org/abs/1611.01599), for single words.</summary>
public sealed class WordGru : WordNetwork
{
    private readonly Layer front, squeeze, recurrent, classifier;

    /// <summary>Creates the network with random weights.</summary>
    public WordGru(WordGruOptions options, InputSpec input, int classes) : base("word-gru", input, classes)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(input);
        var (one, two, three) = (options.Width, 2 * options.Width, 3 * options.Width);
        front = new Stack(
            new Conv3d(1, one, kernel: (3, 5, 5), stride: (1, 2, 2), padding: (1, 2, 2), bias: false), new BatchNorm(one, 3), new ReLU(), new SpatialHalve(),
            new Conv3d(one, two, kernel: (3, 3, 3), stride: (1, 1, 1), padding: (1, 1, 1), bias: false), new BatchNorm(two, 3), new ReLU(), new SpatialHalve(),
            new Conv3d(two, three, kernel: (3, 3, 3), stride: (1, 1, 1), padding: (1, 1, 1), bias: false), new BatchNorm(three, 3), new ReLU());
        var edge = (input.Size + 1) / 2 / 2 / 2;
        if (edge < 1) throw new InvalidParameterException($"word-gru needs pictures of at least 7 pixels; size is {input.Size}.");
        var features = 2L * options.Hidden;
        squeeze = new PerFrame(new Stack(new Flatten(), new Linear(three * edge * edge, features), new LayerNorm(features), new ReLU(), new Dropout(options.Dropout)), three, edge, edge, features);
        recurrent = new BiGru(features + input.Channels - 1, options.Hidden, options.Depth, options.Dropout);
        classifier = new Stack(new Dropout(options.Dropout), new Linear(input.MarksWord ? 2 * features : features, classes));
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        var features_BDT = squeeze.call(front.call(WordMarks.Pixels(input)));
        if (!Input.MarksWord) return classifier.call(recurrent.call(features_BDT).mean([2]));
        var marks_B1T = WordMarks.Marks(input);
        features_BDT = recurrent.call(cat([features_BDT, marks_B1T], 1));
        return classifier.call(cat([features_BDT.mean([2]), TemporalMean.Marked(features_BDT, marks_B1T)], 1));
    }

    /// <inheritdoc/>
    public override string Export(OnnxGraphBuilder graph, string input)
    {
        var mean = new TemporalMean();
        var features = squeeze.Export(graph, front.Export(graph, WordMarks.ExportPixels(graph, input)));
        if (!Input.MarksWord) return classifier.Export(graph, mean.Export(graph, recurrent.Export(graph, features)));
        var marks = WordMarks.ExportMarks(graph, input);
        features = recurrent.Export(graph, graph.Node("Concat", [features, marks], ("axis", 1L)));
        return classifier.Export(graph, graph.Node("Concat", [mean.Export(graph, features), TemporalMean.ExportMarked(graph, features, marks)], ("axis", 1L)));
    }
}
