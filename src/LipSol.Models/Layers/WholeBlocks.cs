using TorchSharp;
using static TorchSharp.torch;

namespace LipSol.Models.Layers;

/// <summary>Convolutions on the CPU with channels in whole blocks of 16, filled up with zeros.</summary>
/// <remarks>
/// oneDNN lays channels out in blocks of 16. Where a virtual machine hides the processor's cache sizes, oneDNN 3.7 (in libtorch 2.10) takes them for 0, chooses another way to fill
/// those blocks, and leaves what lies behind the last channel uninitialised: wrong values and NaN, in forward and in gradients. Blocks that are whole have nothing behind them.
/// It costs what oneDNN would fill up itself. In steps of more than 1, the gradient of the input is wrong too where there are 3, 5, 7 … blocks: there they come in pairs.
/// <c>ConvolutionTests</c> holds every convolution to double precision.
/// </remarks>
internal static class WholeBlocks
{
    private const long Block = 16;

    /// <summary>Convolves; the result has as many channels as <paramref name="weight"/> has filters.</summary>
    /// <param name="input">Channels in dimension 1.</param>
    /// <param name="weight">Filters in dimension 0, channels in dimension 1.</param>
    /// <param name="bias">One a filter, or null.</param>
    /// <param name="strided">Whether it goes in steps of more than 1.</param>
    /// <param name="convolve">Convolves (input, weight, bias).</param>
    internal static Tensor Convolve(Tensor input, Tensor weight, Tensor? bias, bool strided, Func<Tensor, Tensor, Tensor?, Tensor> convolve)
    {
        var (filters, channels) = (weight.shape[0], weight.shape[1]);
        var (moreFilters, moreChannels) = (Missing(filters, Block), Missing(channels, strided && channels > Block ? 2 * Block : Block));
        // Pictures of a few channels, read for no gradient of their own, are never blocked: the first convolution stays cheap.
        var plain = channels < Block && !input.requires_grad;
        if (input.device_type != DeviceType.CPU || plain || (moreFilters == 0 && moreChannels == 0)) return convolve(input, weight, bias);
        if (moreChannels > 0) (input, weight) = (Fill(input, 1, moreChannels), Fill(weight, 1, moreChannels));
        if (moreFilters == 0) return convolve(input, weight, bias);
        return convolve(input, Fill(weight, 0, moreFilters), bias is null ? null : Fill(bias, 0, moreFilters)).narrow(1, 0, filters);
    }

    private static long Missing(long count, long multiple) => (multiple - count % multiple) % multiple;

    private static Tensor Fill(Tensor tensor, int dimension, long more)
    {
        var shape = (long[])tensor.shape.Clone();
        shape[dimension] = more;
        return cat([tensor, zeros(shape, tensor.dtype, tensor.device)], dimension);
    }
}
