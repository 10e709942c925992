using LipSol.Models.Layers;
using static TorchSharp.torch;

namespace LipSol.Models.Tests.Layers;

public sealed class LayerParityTests
{
    public static TheoryData<string, Func<Layer>, long[]> All => new()
    {
        { "Conv3d strided", () => new Conv3d(1, 5, (5, 7, 7), (1, 2, 2), (2, 3, 3)), [2, 1, 7, 20, 18] },
        { "Conv3d without bias", () => new Conv3d(3, 4, (3, 3, 3), (1, 1, 1), (1, 1, 1), bias: false), [1, 3, 5, 6, 6] },
        { "Conv2d", () => new Conv2d(3, 8, 3, 2, 1), [4, 3, 11, 11] },
        { "Conv2d grouped", () => new Conv2d(6, 6, 3, 1, 1, groups: 6, bias: false), [2, 6, 5, 7] },
        { "Conv1d dilated", () => Conv1d.SameLength(6, 4, 5, dilation: 4), [2, 6, 29] },
        { "Conv1d depthwise", () => Conv1d.SameLength(6, 6, 3, dilation: 2, groups: 6), [3, 6, 12] },
        { "Conv1d strided", () => new Conv1d(2, 3, 4, stride: 2, padding: 1), [1, 2, 10] },
        { "BatchNorm 1", () => new BatchNorm(4, 1), [3, 4, 9] },
        { "BatchNorm 2", () => new BatchNorm(4, 2), [3, 4, 5, 6] },
        { "BatchNorm 3", () => new BatchNorm(4, 3), [2, 4, 3, 5, 6] },
        { "LayerNorm", () => new LayerNorm(7), [5, 7] },
        { "ReLU", () => new ReLU(), [3, 4] },
        { "SiLU", () => new SiLU(), [3, 4] },
        { "PReLU 1", () => new PReLU(4, 1), [2, 4, 9] },
        { "PReLU 2", () => new PReLU(4, 2), [2, 4, 3, 3] },
        { "PReLU 3", () => new PReLU(4, 3), [2, 4, 3, 3, 2] },
        { "Dropout", () => new Dropout(0.5), [3, 4] },
        { "SpaceToDepth", () => new SpaceToDepth(2, 6, 8), [3, 2, 4, 6, 8] },
        { "SpatialMaxPool even", () => new SpatialMaxPool(), [2, 3, 4, 10, 8] },
        { "SpatialMaxPool odd", () => new SpatialMaxPool(), [2, 3, 4, 11, 7] },
        { "SpatialHalve odd", () => new SpatialHalve(), [2, 3, 4, 11, 7] },
        { "GlobalAveragePool", () => new GlobalAveragePool(), [2, 3, 5, 4] },
        { "Flatten", () => new Flatten(), [2, 3, 5, 4] },
        { "TemporalMean", () => new TemporalMean(), [2, 3, 5] },
        { "Linear", () => new Linear(5, 3), [4, 5] },
        { "PerFrame", () => new PerFrame(new Stack(new Conv2d(2, 4, 3, 1, 1), new GlobalAveragePool()), 2, 5, 6, 4), [3, 2, 7, 5, 6] },
        { "BiGru of one layer", () => new BiGru(3, 4), [2, 3, 6] },
        { "BiGru of two layers", () => new BiGru(5, 7, depth: 2, dropout: 0.5), [3, 5, 11] },
        { "Stack", () => new Stack(new Linear(4, 6), new ReLU(), new Linear(6, 2)), [3, 4] },
        { "Branches", () => new Branches(Conv1d.SameLength(3, 2, 3, 1), Conv1d.SameLength(3, 4, 5, 1)), [2, 3, 8] },
        { "Residual", () => new Residual(Conv1d.SameLength(3, 3, 3, 1)), [2, 3, 8] },
        { "Residual with shortcut", () => new Residual(Conv1d.SameLength(3, 5, 3, 1), new Conv1d(3, 5, 1)), [2, 3, 8] },
    };

    [Theory]
    [MemberData(nameof(All), DisableDiscoveryEnumeration = true)]
    public void A_layer_computes_the_same_in_torch_and_in_onnx(string name, Func<Layer> create, long[] shape)
    {
        manual_seed(1);
        using var layer = create();
        var difference = OnnxRun.Difference(layer, shape);
        Assert.True(difference <= OnnxRun.Tolerance, $"{name} differs by {difference}");
    }

    [Fact]
    public void Every_layer_is_covered()
    {
        var covered = All.Select(row => row.Data.Item2().GetType()).ToHashSet();
        var layers = typeof(Layer).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(Layer)) && !t.IsAbstract && t.Namespace == typeof(Layer).Namespace);
        Assert.Empty(layers.Except(covered));
    }
}
