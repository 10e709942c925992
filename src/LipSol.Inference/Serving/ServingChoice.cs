namespace LipSol.Inference;

/// <summary>How a model is best served on a machine, as far as that could be measured (docs/benchmarks.md).</summary>
/// <param name="Passes">Passes at once.</param>
/// <param name="Threads">Threads of each.</param>
/// <param name="LargestBatch">Most clips of a pass.</param>
/// <param name="Delay">How long a clip waits for company while nothing else is to do.</param>
public sealed record ServingChoice(int Passes, int Threads, int LargestBatch, TimeSpan Delay)
{
    /// <summary>The choice for a device (<c>cpu</c>, <c>cuda:n</c>).</summary>
    public static ServingChoice For(string device, int processors) => device == "cpu"
        // A pass on one thread loses nothing to the others: as many passes as processors read more than one pass on all of them.
        ? new(Math.Max(1, processors), 1, 8, TimeSpan.Zero)
        // Not measured, for want of a GPU: the second pass is made ready while the first one is computed; a GPU needs more at once than a CPU to be busy.
        : new(2, 1, 32, TimeSpan.FromMilliseconds(2));
}
