namespace LipSol.Client;

/// <summary>A node of the cluster and what it gives to runs.</summary>
public sealed record ClusterNode
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }
    /// <summary>Whether it's up. One that isn't is listed where it's being drained or was heard of lately.</summary>
    public required bool Up { get; init; }
    /// <summary>Its version of LipSol; null where it isn't known.</summary>
    public string? Version { get; init; }
    /// <summary>Since when it's up.</summary>
    public DateTimeOffset? UpSince { get; init; }
    /// <summary>When it was last heard of; a node that isn't heard of for 30 s loses its runs.</summary>
    public DateTimeOffset? LastHeardOf { get; init; }
    /// <summary>What runs may ask for by name.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];
    /// <summary>Main memory for its runs together, in bytes; 0 where it isn't known.</summary>
    public long Memory { get; init; }
    /// <summary>It tries and trains networks that people write.</summary>
    public bool Networks { get; init; }
    /// <summary>It gets no more runs, and those it had go on elsewhere.</summary>
    public required bool Draining { get; init; }
    /// <summary>Its disk has no room for a run's work: it gets no further one until it has.</summary>
    public bool DiskFull { get; init; }
    /// <summary>Its slots and what runs on them.</summary>
    public IReadOnlyList<NodeSlot> Slots { get; init; } = [];
}

/// <summary>A slot: one GPU, or one CPU share on a node without.</summary>
/// <param name="Index">Its number on the node.</param>
/// <param name="Device"><c>cpu</c> or <c>cuda:n</c>.</param>
/// <param name="Threads">Threads of a run on it.</param>
/// <param name="Name">The GPU's name.</param>
/// <param name="Memory">The GPU's memory in bytes; 0 for a CPU share.</param>
/// <param name="RunId">The run that holds it.</param>
public sealed record NodeSlot(int Index, string Device, int Threads, string? Name, long Memory, string? RunId);
