using LipSol.Clips;
using LipSol.Models.Layers;
using LipSol.Models.Onnx;
using LipSol.Models.Parameters;
using static TorchSharp.torch;

namespace LipSol.Models.Networks;

/// <summary>The sizes of LipNet's shape of network: <see cref="SpatioTemporalFront"/> and the recurrent layers behind it.</summary>
public record LipNetOptions
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

/// <summary>What <c>word-gru</c> and <c>char-gru</c> look at a mouth with: three 3D convolutions, then one row of features a frame. clip_B1THW to features_BDT with D = 2 · hidden.</summary>
public sealed class SpatioTemporalFront : Layer
{
    private readonly Layer front, squeeze;

    /// <summary>Creates it with random weights.</summary>
    /// <param name="options">Its sizes.</param>
    /// <param name="input">What it reads; pictures of at least 7 pixels.</param>
    /// <param name="network">The network's name, for messages.</param>
    /// <exception cref="InvalidParameterException">The pictures are too small.</exception>
    public SpatioTemporalFront(LipNetOptions options, InputSpec input, string network) : base(nameof(SpatioTemporalFront))
    {
        var (one, two, three) = (options.Width, 2 * options.Width, 3 * options.Width);
        front = new Stack(
            new Conv3d(1, one, kernel: (3, 5, 5), stride: (1, 2, 2), padding: (1, 2, 2), bias: false), new BatchNorm(one, 3), new ReLU(), new SpatialHalve(),
            new Conv3d(one, two, kernel: (3, 3, 3), stride: (1, 1, 1), padding: (1, 1, 1), bias: false), new BatchNorm(two, 3), new ReLU(), new SpatialHalve(),
            new Conv3d(two, three, kernel: (3, 3, 3), stride: (1, 1, 1), padding: (1, 1, 1), bias: false), new BatchNorm(three, 3), new ReLU());
        var edge = (input.Size + 1) / 2 / 2 / 2;
        if (edge < 1) throw new InvalidParameterException($"{network} needs pictures of at least 7 pixels; size is {input.Size}.");
        Features = 2L * options.Hidden;
        squeeze = new PerFrame(new Stack(new Flatten(), new Linear(three * edge * edge, Features), new LayerNorm(Features), new ReLU(), new Dropout(options.Dropout)), three, edge, edge, Features);
        RegisterComponents();
    }

    /// <summary>D.</summary>
    public long Features { get; }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => squeeze.call(front.call(input));

    /// <inheritdoc/>
    public override string Export(OnnxGraphBuilder graph, string input) => squeeze.Export(graph, front.Export(graph, input));

    /// <inheritdoc/>
    public override string ExportMasked(OnnxGraphBuilder graph, string input, MaskValue mask) => squeeze.ExportMasked(graph, front.ExportMasked(graph, input, mask), mask);

    /// <inheritdoc/>
    protected override Tensor Masked(Tensor input, ClipMask mask) => squeeze.call(front.call(input, mask), mask);
}
