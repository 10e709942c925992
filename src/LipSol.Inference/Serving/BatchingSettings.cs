namespace LipSol.Inference;

/// <summary>How reads are put together into passes through the network, and how many may wait.</summary>
public sealed record BatchingSettings
{
    /// <summary>Passes at once, each on a thread of its own.</summary>
    public int Passes { get; init; } = 1;
    /// <summary>Most clips of one pass; of clips that are read in windows, most windows.</summary>
    public int LargestBatch { get; init; } = 8;
    /// <summary>How long a clip waits for company while the network has nothing to do; while it's busy, company gathers by itself.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.Zero;
    /// <summary>How long a live clip may have to wait for its pass, by what passes have taken so far; one that would wait longer is refused at once.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromMilliseconds(100);
    /// <summary>Clips that may wait, whatever they take. Bulk ones have half of it, so that there's always room for live ones.</summary>
    public int Capacity { get; init; } = 256;
    /// <summary>Passes of live clips in a row while a bulk one waits; then it has its turn.</summary>
    public int LiveInARow { get; init; } = 7;
    /// <summary>How long the answer to a clip is worth something whose caller doesn't say. By then a caller in the cluster has given up (Orleans' response timeout).</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);
}
