using LipSol.Models.Onnx;
using static TorchSharp.torch;

namespace LipSol.Models.Layers;

/// <summary>Convolution over time and space: clip_BCTHW to clip_BDTHW.</summary>
public sealed class Conv3d : Layer
{
    private readonly TorchSharp.Modules.Conv3d convolution;
    private readonly (long T, long H, long W) kernel, stride, padding;

    /// <summary>Creates the convolution; all sizes are (time, height, width).</summary>
    public Conv3d(long from, long to, (long T, long H, long W) kernel, (long T, long H, long W) stride, (long T, long H, long W) padding, bool bias = true) : base(nameof(Conv3d))
    {
        (this.kernel, this.stride, this.padding) = (kernel, stride, padding);
        convolution = nn.Conv3d(from, to, kernel, stride, padding, bias: bias);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => WholeBlocks.Convolve(input, convolution.weight, convolution.bias, (stride.T, stride.H, stride.W) != (1, 1, 1), (x, w, b) =>
        nn.functional.conv3d(x, w, b, [stride.T, stride.H, stride.W], [padding.T, padding.H, padding.W]));

    /// <inheritdoc/>
    public override string Export(OnnxGraphBuilder graph, string input) => ConvolutionNode.Write(graph, input, convolution.weight, convolution.bias,
        [kernel.T, kernel.H, kernel.W], [stride.T, stride.H, stride.W], [padding.T, padding.H, padding.W], [1, 1, 1], 1);

    /// <inheritdoc/>
    public override string ExportMasked(OnnxGraphBuilder graph, string input, MaskValue mask) => Export(graph, kernel.T > 1 ? mask.Hide(graph, input, 5) : input);

    /// <inheritdoc/>
    protected override Tensor Masked(Tensor input, ClipMask mask) => call(kernel.T > 1 ? mask.Hide(input) : input);
}

/// <summary>Convolution over space: frames_NCHW to frames_NDHW.</summary>
public sealed class Conv2d : Layer
{
    private readonly TorchSharp.Modules.Conv2d convolution;
    private readonly long kernel, stride, padding, groups;

    /// <summary>Creates the convolution, square in all its sizes.</summary>
    public Conv2d(long from, long to, long kernel, long stride = 1, long padding = 0, long groups = 1, bool bias = true) : base(nameof(Conv2d))
    {
        (this.kernel, this.stride, this.padding, this.groups) = (kernel, stride, padding, groups);
        convolution = nn.Conv2d(from, to, kernel, stride, padding, groups: groups, bias: bias);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => groups > 1 ? convolution.call(input) : WholeBlocks.Convolve(input, convolution.weight, convolution.bias, stride > 1, (x, w, b) =>
        nn.functional.conv2d(x, w, b, [stride, stride], [padding, padding]));

    /// <inheritdoc/>
    public override string Export(OnnxGraphBuilder graph, string input) => ConvolutionNode.Write(graph, input, convolution.weight, convolution.bias,
        [kernel, kernel], [stride, stride], [padding, padding], [1, 1], groups);
}

/// <summary>Convolution over time: features_BCT to features_BDT. Depthwise where <c>groups</c> equals the channels.</summary>
public sealed class Conv1d : Layer
{
    private readonly TorchSharp.Modules.Conv1d convolution;
    private readonly long kernel, stride, padding, dilation, groups;

    /// <summary>Creates the convolution.</summary>
    public Conv1d(long from, long to, long kernel, long stride = 1, long padding = 0, long dilation = 1, long groups = 1, bool bias = true) : base(nameof(Conv1d))
    {
        (this.kernel, this.stride, this.padding, this.dilation, this.groups) = (kernel, stride, padding, dilation, groups);
        convolution = nn.Conv1d(from, to, kernel, stride, padding, dilation, groups: groups, bias: bias);
        RegisterComponents();
    }

    /// <summary>A dilated convolution that keeps the length and looks as far ahead as back; <paramref name="kernel"/> is odd.</summary>
    public static Conv1d SameLength(long from, long to, long kernel, long dilation, long groups = 1, bool bias = true) =>
        new(from, to, kernel, padding: dilation * (kernel / 2), dilation: dilation, groups: groups, bias: bias);

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => groups > 1 ? convolution.call(input) : WholeBlocks.Convolve(input, convolution.weight, convolution.bias, stride > 1, (x, w, b) =>
        nn.functional.conv1d(x, w, b, stride, padding, dilation));

    /// <inheritdoc/>
    public override string Export(OnnxGraphBuilder graph, string input) => ConvolutionNode.Write(graph, input, convolution.weight, convolution.bias,
        [kernel], [stride], [padding], [dilation], groups);

    /// <inheritdoc/>
    public override string ExportMasked(OnnxGraphBuilder graph, string input, MaskValue mask) => Export(graph, kernel > 1 ? mask.Hide(graph, input, 3) : input);

    /// <inheritdoc/>
    protected override Tensor Masked(Tensor input, ClipMask mask) => call(kernel > 1 ? mask.Hide(input) : input);
}

internal static class ConvolutionNode
{
    internal static string Write(OnnxGraphBuilder graph, string input, Tensor weight, Tensor? bias, long[] kernel, long[] stride, long[] padding, long[] dilation, long groups) =>
        graph.Node("Conv", bias is null ? [input, graph.Weight("weight", weight)] : [input, graph.Weight("weight", weight), graph.Weight("bias", bias)],
            ("kernel_shape", kernel), ("strides", stride), ("pads", (long[])[.. padding, .. padding]), ("dilations", dilation), ("group", groups));
}
