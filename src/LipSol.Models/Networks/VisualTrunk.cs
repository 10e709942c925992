using LipSol.Clips;
using LipSol.Models.Layers;
using LipSol.Models.Onnx;
using LipSol.Models.Parameters;
using static TorchSharp.torch;

namespace LipSol.Models.Networks;

/// <summary>The sizes of <see cref="VisualTrunk"/>.</summary>
public record VisualTrunkOptions
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
}

/// <summary>What <c>word-tcn</c> and <c>char-tcn</c> look at a mouth with, so that one can start from the other's weights: a 3D convolution, then a residual trunk on each frame. clip_B1THW to features_BDT.</summary>
public sealed class VisualTrunk : Layer
{
    private readonly Layer front, trunk;

    /// <summary>Creates it with random weights.</summary>
    /// <param name="options">Its sizes.</param>
    /// <param name="input">What it reads; <see cref="InputSpec.Size"/> is even.</param>
    /// <param name="network">The network's name, for messages.</param>
    /// <exception cref="InvalidParameterException">The pictures' size is odd.</exception>
    public VisualTrunk(VisualTrunkOptions options, InputSpec input, string network) : base(nameof(VisualTrunk))
    {
        if (input.Size % 2 != 0) throw new InvalidParameterException($"{network} needs pictures of an even size; size is {input.Size}.");
        // Neighbours become channels before the first convolution: at this size a strided 5×7×7 kernel on single pixels takes most of the time.
        front = new Stack(
            new SpaceToDepth(1, input.Size, input.Size),
            new Conv3d(4, options.Front, kernel: (5, 3, 3), stride: (1, 2, 2), padding: (2, 1, 1), bias: false),
            new BatchNorm(options.Front, 3), new PReLU(options.Front, 3));
        var edge = (input.Size / 2 + 1) / 2;
        Features = options.Width * (1 << (options.Stages - 1));
        trunk = new PerFrame(new Stack([.. Stages(options), new GlobalAveragePool(), new Linear(Features, Features)]), options.Front, edge, edge, Features);
        RegisterComponents();
    }

    /// <summary>D.</summary>
    public long Features { get; }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => trunk.call(front.call(input));

    /// <inheritdoc/>
    public override string Export(OnnxGraphBuilder graph, string input) => trunk.Export(graph, front.Export(graph, input));

    /// <inheritdoc/>
    public override string ExportMasked(OnnxGraphBuilder graph, string input, MaskValue mask) => trunk.ExportMasked(graph, front.ExportMasked(graph, input, mask), mask);

    /// <inheritdoc/>
    protected override Tensor Masked(Tensor input, ClipMask mask) => trunk.call(front.call(input, mask), mask);

    private static IEnumerable<Layer> Stages(VisualTrunkOptions options)
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
}
