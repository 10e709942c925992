using LipSol.Models.Onnx;
using TorchSharp;
using static TorchSharp.torch;

namespace LipSol.Models.Layers;

/// <summary>Maximum over 3×3 pixels in steps of 2, each frame by itself: clip_BCTHW to clip_BCThw with h = ⌈H/2⌉.</summary>
public sealed class SpatialMaxPool() : Layer(nameof(SpatialMaxPool))
{
    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => nn.functional.max_pool3d(input, [1, 3, 3], [1, 2, 2], [0, 1, 1]);

    /// <inheritdoc/>
    public override string Export(OnnxGraphBuilder graph, string input) =>
        graph.Node("MaxPool", [input], ("kernel_shape", (long[])[1, 3, 3]), ("strides", (long[])[1, 2, 2]), ("pads", (long[])[0, 1, 1, 0, 1, 1]));
}

/// <summary>Maximum over 2×2 pixels in steps of 2, each frame by itself: clip_BCTHW to clip_BCThw with h = ⌊H/2⌋.</summary>
public sealed class SpatialHalve() : Layer(nameof(SpatialHalve))
{
    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => nn.functional.max_pool3d(input, [1, 2, 2], [1, 2, 2]);

    /// <inheritdoc/>
    public override string Export(OnnxGraphBuilder graph, string input) =>
        graph.Node("MaxPool", [input], ("kernel_shape", (long[])[1, 2, 2]), ("strides", (long[])[1, 2, 2]));
}

/// <summary>The mean of each channel over the whole picture: frames_NCHW to features_NC.</summary>
public sealed class GlobalAveragePool() : Layer(nameof(GlobalAveragePool))
{
    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => input.mean([2, 3]);

    /// <inheritdoc/>
    public override string Export(OnnxGraphBuilder graph, string input) =>
        graph.Node("Flatten", [graph.Node("GlobalAveragePool", [input])], ("axis", 1L));
}

/// <summary>All values of a frame in a row: frames_NCHW to features_N(CHW).</summary>
public sealed class Flatten() : Layer(nameof(Flatten))
{
    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => input.flatten(1);

    /// <inheritdoc/>
    public override string Export(OnnxGraphBuilder graph, string input) => graph.Node("Flatten", [input], ("axis", 1L));
}

/// <summary>The mean over time, of all frames or of marked ones: features_BCT to features_BC.</summary>
public sealed class TemporalMean() : Layer(nameof(TemporalMean))
{
    // Keeps a clip without a marked frame from dividing by zero; far below one frame.
    private const float Least = 1e-3f;
    // Held for good: see Training.AdamW for what happens to factors that aren't.
    private static readonly Scalar LeastScalar = Least.ToScalar();

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => input.mean([2]);

    /// <summary>The mean over the marked frames.</summary>
    /// <param name="features_BCT">The features.</param>
    /// <param name="marks_B1T">1 in the frames that count, else 0.</param>
    public static Tensor Marked(Tensor features_BCT, Tensor marks_B1T) =>
        (features_BCT * marks_B1T).sum([2]) / marks_B1T.sum([2]).clamp_min(LeastScalar);

    /// <inheritdoc/>
    public override string Export(OnnxGraphBuilder graph, string input) =>
        graph.Node("ReduceMean", [input], ("axes", (long[])[2]), ("keepdims", 0L));

    /// <inheritdoc/>
    public override string ExportMasked(OnnxGraphBuilder graph, string input, MaskValue mask) => ExportMarked(graph, input, mask.Mask_B1T);

    /// <inheritdoc/>
    protected override Tensor Masked(Tensor input, ClipMask mask) => Marked(input, mask.Mask_B1T);

    /// <summary>The nodes of <see cref="Marked"/>.</summary>
    public static string ExportMarked(OnnxGraphBuilder graph, string features, string marks)
    {
        string Sum(string value) => graph.Node("ReduceSum", [value, graph.Integers(2)], ("keepdims", 0L));
        return graph.Node("Div", [Sum(graph.Node("Mul", [features, marks])), graph.Node("Max", [Sum(marks), graph.Scalar(Least)])]);
    }
}
