using LipSol.Testing.Cluster.Nodes;

namespace LipSol.Testing.Cluster.Chaos;

/// <summary>What is tried.</summary>
internal sealed record ChaosOptions
{
    /// <summary>Chooses what is done, to whom and when.</summary>
    public int Seed { get; init; } = 1;

    public DatabaseKind Database { get; init; }

    /// <summary>How long things go wrong. What trains by then is trained to its end.</summary>
    public required TimeSpan Duration { get; init; }

    public int Nodes { get; init; } = 3;

    /// <summary>Runs that train at once: one fewer than nodes, so that a run whose node is gone finds another.</summary>
    public int Runs => Nodes - 1;

    /// <summary>Epochs of a run; all runs are the same one.</summary>
    public int Epochs { get; init; } = 400;

    /// <summary>From SIGKILL to the first new metric.</summary>
    public TimeSpan LongestFailover { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Takes a line a thing that is done or found.</summary>
    public Action<string> Say { get; init; } = _ => { };
}

/// <summary>What was done, seen and found.</summary>
/// <param name="Actions">How often each thing was done.</param>
/// <param name="Runs">Runs that were trained to their end, the undisturbed one not among them.</param>
/// <param name="Attempts">Their attempts.</param>
/// <param name="PointsSeen">Metric points that readers were shown.</param>
/// <param name="PointsKept">Metric points in the database at the end.</param>
/// <param name="Failovers">Seconds from a node's SIGKILL to the first new metric of the run that it trained, where nothing else happened meanwhile.</param>
/// <param name="Serving">What callers who had clips read met.</param>
/// <param name="Broken">The promises that were broken, in words; empty where all were kept.</param>
internal sealed record ChaosReport(IReadOnlyDictionary<string, int> Actions, int Runs, int Attempts, long PointsSeen, long PointsKept, IReadOnlyList<double> Failovers, ServingCounts Serving, IReadOnlyList<string> Broken);

/// <summary>What callers met who had clips read while all that happened.</summary>
/// <param name="Answered">Clips that were read.</param>
/// <param name="Repeated">Calls that had to be made again: the node died, stood still, or said that it can't just now.</param>
/// <param name="Refused">Damaged clips, each refused with a reason.</param>
/// <param name="Promotions">Promotions that were acknowledged.</param>
internal sealed record ServingCounts(int Answered, int Repeated, int Refused, int Promotions);
