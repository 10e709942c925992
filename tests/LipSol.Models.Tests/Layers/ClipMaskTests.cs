using LipSol.Models.Layers;
using static TorchSharp.torch;

namespace LipSol.Models.Tests.Layers;

public sealed class ClipMaskTests
{
    private static readonly long[] Lengths = [9, 4, 7];

    public static TheoryData<string, Func<Layer>, long[]> All => new()
    {
        { "Conv1d", () => Conv1d.SameLength(16, 16, 5, dilation: 2), [3, 16, 9] },
        { "Conv3d", () => new Conv3d(1, 16, (5, 3, 3), (1, 2, 2), (2, 1, 1)), [3, 1, 9, 6, 6] },
        { "BatchNorm 1", () => new BatchNorm(16, 1), [3, 16, 9] },
        { "BatchNorm 3", () => new BatchNorm(2, 3), [3, 2, 9, 4, 4] },
        { "BiGru", () => new BiGru(5, 6, depth: 2), [3, 5, 9] },
        { "PerFrame", () => new PerFrame(new Stack(new Conv2d(2, 16, 3, 1, 1), new BatchNorm(16, 2), new GlobalAveragePool()), 2, 5, 6, 16), [3, 2, 9, 5, 6] },
        { "TemporalMean", () => new TemporalMean(), [3, 4, 9] },
        { "Stack, Branches and Residual", () => new Stack(new Residual(new Branches(Conv1d.SameLength(32, 16, 3, 1), Conv1d.SameLength(32, 16, 5, 1))), new BatchNorm(32, 1), Conv1d.SameLength(32, 16, 3, 1)), [3, 32, 9] },
    };

    [Theory]
    [MemberData(nameof(All), DisableDiscoveryEnumeration = true)]
    public void A_clip_gives_the_same_in_a_padded_batch_as_alone(string name, Func<Layer> create, long[] shape)
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        manual_seed(2);
        var layer = create();
        OnnxRun.Stir(layer);
        layer.eval();
        var batch = randn(shape); // what lies behind a clip's end is no zero
        var together = layer.call(batch, new ClipMask(Lengths, 9));
        for (var b = 0; b < Lengths.Length; b++)
        {
            var alone = layer.call(batch.narrow(0, b, 1).narrow(2, 0, Lengths[b]));
            var part = together.narrow(0, b, 1);
            if (part.Dimensions > 2) part = part.narrow(2, 0, Lengths[b]);
            Assert.True(allclose(alone, part, rtol: 1e-5, atol: 1e-5), $"{name}, clip {b}");
        }
    }

    [Theory]
    [MemberData(nameof(All), DisableDiscoveryEnumeration = true)]
    public void In_training_what_lies_behind_a_clips_end_decides_nothing(string name, Func<Layer> create, long[] shape)
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        var layer = create();
        if (!layer.parameters().Any()) return; // nothing of it is learnt
        using var same = create();
        same.load_state_dict(layer.state_dict());
        var mask = new ClipMask(Lengths, 9);
        var batch = randn(shape);
        Tensor Own(Layer of, Tensor input)
        {
            var result = of.call(input, mask);
            return result.Dimensions > 2 ? mask.Hide(result) : result;
        }
        Own(layer, batch).square().sum().backward();
        Own(same, mask.Hide(batch) + 3 * (1 - mask.Mask_B1T.reshape([3, 1, 9, .. Enumerable.Repeat(1L, shape.Length - 3)]))).square().sum().backward();
        foreach (var (one, other) in layer.parameters().Zip(same.parameters()))
            Assert.True(allclose(one.grad, other.grad, rtol: 1e-3, atol: 1e-3), $"{name}: gradients differ");
        foreach (var (one, other) in layer.buffers().Zip(same.buffers()))
            Assert.True(allclose(one.to(float32), other.to(float32), rtol: 1e-4, atol: 1e-5), $"{name}: running statistics differ");
    }

    [Fact]
    public void A_clip_longer_than_the_batch_is_refused() => Assert.Throws<ArgumentException>(() => new ClipMask([4, 6], 5));
}
