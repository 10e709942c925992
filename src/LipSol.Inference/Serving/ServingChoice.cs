namespace LipSol.Inference;

/// <summary>How a model is best served on a machine, as far as that could be measured (docs/benchmarks.md).</summary>
/// <param name="Passes">Passes at once.</param>
/// <param name="Threads">Threads of each.</param>
/// <param name="LargestBatch">Most clips of a pass.</param>
/// <param name="Delay">How long a clip waits for company while nothing else is to do.</param>
public sealed record ServingChoice(int Passes, int Threads, int LargestBatch, TimeSpan Delay)
{
    private const int MostPasses = 4;

    /// <summary>The choice for a device (<c>cpu</c>, <c>cuda:n</c>).</summary>
    public static ServingChoice For(string device, int processors)
    {
        // Not measured, for want of a GPU: the second pass is made ready while the first one is computed; a GPU needs more at once than a CPU to be busy.
        if (device != "cpu") return new(2, 1, 32, TimeSpan.FromMilliseconds(2));
        // Two passes on a thread each read more than one on two threads, which wait for each other. On large machines a few passes share the processors, so that a single clip has several, too.
        var passes = Math.Clamp(processors, 1, MostPasses);
        return new(passes, Math.Max(1, processors / passes), 8, TimeSpan.Zero);
    }
}
