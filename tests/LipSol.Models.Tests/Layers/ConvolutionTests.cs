using LipSol.Models.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace LipSol.Models.Tests.Layers;

/// <summary>libtorch's convolutions were once wrong where the channels didn't fill oneDNN's blocks of 16: held here to plain sums in double precision.</summary>
public sealed class ConvolutionTests
{
    public static TheoryData<int, int> Channels => new(from f in (int[])[1, 4, 6, 16, 24, 33, 80] from t in (int[])[5, 16, 24, 40] select (f, t));

    [Theory]
    [MemberData(nameof(Channels))]
    public void Values_and_gradients_are_those_of_double_precision(int from, int to)
    {
        foreach (var (layer, shape) in ((Func<Layer>, long[])[])
        [
            (() => new Conv1d(from, to, 3, padding: 1), [3, from, 29]),
            (() => new Conv2d(from, to, 3, padding: 1, bias: false), [3, from, 11, 9]),
            (() => new Conv2d(from, to, 1, stride: 2), [3, from, 12, 12]),
            (() => new Conv2d(from, to, 3, stride: 2, padding: 1), [3, from, 11, 11]),
            (() => new Conv3d(from, to, (3, 3, 3), (1, 2, 2), (1, 1, 1)), [2, from, 5, 12, 12]),
        ])
            foreach (var inner in (bool[])[true, false]) Agree(layer, shape, inner);
    }

    [Theory]
    [InlineData(6)]
    [InlineData(24)]
    [InlineData(33)]
    [InlineData(48)]
    public void Depthwise_values_and_gradients_are_those_of_double_precision(int channels)
    {
        Agree(() => new Conv1d(channels, channels, 5, padding: 2, groups: channels), [3, channels, 29], inner: true);
        Agree(() => new Conv2d(channels, channels, 3, stride: 2, padding: 1, groups: channels), [3, channels, 11, 9], inner: true);
    }

    private static void Agree(Func<Layer> create, long[] shape, bool inner)
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        var single = create();
        manual_seed(1);
        var exact = create();
        exact.to(ScalarType.Float64);
        // Memory that was used before, as in training: what isn't written shows.
        for (var i = 0; i < 8; i++) full([1 << (10 + i)], float.NaN).Dispose();
        var input = randn(shape, requires_grad: inner);
        var inputExact = input.detach().to_type(ScalarType.Float64).requires_grad_(inner);

        var (output, expected) = (single.call(input), exact.call(inputExact));
        var direction = randn(output.shape);
        (output * direction).sum().backward();
        (expected * direction.to_type(ScalarType.Float64)).sum().backward();

        Same(output, expected, "output");
        foreach (var ((name, parameter), (_, parameterExact)) in single.named_parameters().Zip(exact.named_parameters())) Same(parameter.grad!, parameterExact.grad!, name);
        if (inner) Same(input.grad!, inputExact.grad!, "input");
    }

    private static void Same(Tensor actual, Tensor expected, string what)
    {
        var difference = (actual.to_type(ScalarType.Float64) - expected).abs().max().item<double>() / Math.Max(1, expected.abs().max().item<double>());
        Assert.True(difference < 1e-4, $"{what} [{string.Join(", ", actual.shape)}] differs by {difference}");
    }
}
