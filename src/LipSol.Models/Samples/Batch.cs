using LipSol.Models.Networks;
using static TorchSharp.torch;

namespace LipSol.Models.Samples;

/// <summary>One step's samples, which know how to tell a network what it gets wrong.</summary>
internal abstract class Batch : IDisposable
{
    /// <summary>Samples.</summary>
    public abstract int Clips { get; }

    /// <summary>The network's loss on these samples, with its gradient's graph.</summary>
    public abstract BatchLoss Loss(Network network, Device device);

    public abstract void Dispose();
}

/// <summary>What a network gets wrong in a batch.</summary>
/// <param name="Loss">The loss.</param>
/// <param name="Right">Of <paramref name="Of"/> words or letters, those it reads right.</param>
/// <param name="Of">Words or letters.</param>
internal sealed record BatchLoss(Tensor Loss, long Right, long Of);

/// <summary>Where training gets its batches.</summary>
internal interface IBatchSource
{
    /// <summary>Batches of an epoch.</summary>
    int Steps(int epoch);

    /// <summary>The batches of an epoch from the <paramref name="first"/> on. The caller disposes each.</summary>
    IEnumerable<Batch> Epoch(int epoch, int first = 0);
}
