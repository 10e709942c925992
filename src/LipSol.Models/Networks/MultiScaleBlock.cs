using LipSol.Models.Layers;

namespace LipSol.Models.Networks;

/// <summary>A residual block of convolutions over time at three scales: features_BCT to features_BDT.</summary>
public static class MultiScaleBlock
{
    /// <summary>Frames that the kernels of each scale see.</summary>
    public static IReadOnlyList<long> Scales { get; } = [3, 5, 7];

    /// <summary>Creates the block; it looks ±6 · <paramref name="dilation"/> frames far and gives 3 · <paramref name="scaleWidth"/> features.</summary>
    /// <param name="from">C.</param>
    /// <param name="scaleWidth">Channels of each scale.</param>
    /// <param name="dilation">Frames from one that a kernel sees to the next.</param>
    /// <param name="dropout">Share of values dropped.</param>
    public static Stack Create(long from, long scaleWidth, long dilation, double dropout)
    {
        var channels = Scales.Count * scaleWidth;
        IEnumerable<Layer> Half(long channelsIn) =>
        [
            new Branches(Scales.Select(kernel => Conv1d.SameLength(channelsIn, scaleWidth, kernel, dilation, bias: false))),
            new BatchNorm(channels, 1), new PReLU(channels, 1), new Dropout(dropout),
        ];
        return new Stack(
            new Residual(new Stack([.. Half(from), .. Half(channels)]), from == channels ? null : new Conv1d(from, channels, 1)),
            new PReLU(channels, 1));
    }
}
