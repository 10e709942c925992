using LipSol.Clips;
using LipSol.Models.Layers;
using LipSol.Models.Onnx;
using static TorchSharp.torch;

namespace LipSol.Models.Networks;

/// <summary>Three 3D convolutions and recurrent layers that read forwards and backwards: LipNet's shape (Assael et al. 2016, https://arxiv.org/abs/1611.01599), for single words.</summary>
public sealed class WordGru : WordNetwork
{
    private readonly Layer visual, recurrent, classifier;

    /// <summary>Creates the network with random weights.</summary>
    public WordGru(LipNetOptions options, InputSpec input, int classes) : base("word-gru", input, classes)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(input);
        var front = new SpatioTemporalFront(options, input, GetName());
        visual = front;
        recurrent = new BiGru(front.Features + input.Channels - 1, options.Hidden, options.Depth, options.Dropout);
        classifier = new Stack(new Dropout(options.Dropout), new Linear((input.MarksWord ? 2 : 1) * 2L * options.Hidden, classes));
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        var features_BDT = visual.call(WordMarks.Pixels(input));
        if (!Input.MarksWord) return classifier.call(recurrent.call(features_BDT).mean([2]));
        var marks_B1T = WordMarks.Marks(input);
        features_BDT = recurrent.call(cat([features_BDT, marks_B1T], 1));
        return classifier.call(cat([features_BDT.mean([2]), TemporalMean.Marked(features_BDT, marks_B1T)], 1));
    }

    /// <inheritdoc/>
    public override string Export(OnnxGraphBuilder graph, string input)
    {
        var mean = new TemporalMean();
        var features = visual.Export(graph, WordMarks.ExportPixels(graph, input));
        if (!Input.MarksWord) return classifier.Export(graph, mean.Export(graph, recurrent.Export(graph, features)));
        var marks = WordMarks.ExportMarks(graph, input);
        features = recurrent.Export(graph, graph.Node("Concat", [features, marks], ("axis", 1L)));
        return classifier.Export(graph, graph.Node("Concat", [mean.Export(graph, features), TemporalMean.ExportMarked(graph, features, marks)], ("axis", 1L)));
    }
}
