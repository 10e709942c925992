namespace LipSol.Grains;

/// <summary>How patient the grains are.</summary>
public sealed record GrainsOptions
{
    /// <summary>A node that hasn't renewed for so long loses its leases.</summary>
    public TimeSpan NodeTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often the scheduler compares its state with nodes, runs and workers.</summary>
    public TimeSpan ReconcilePeriod { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a lease may be without a worker before it counts as lost.</summary>
    public TimeSpan StartGrace { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a worker has to write a checkpoint and stop before it's made to.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How late a running run's summaries and sign of life may be written down; metric points are written before they are acknowledged.</summary>
    public TimeSpan SummaryDelay { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long after a failure checkpoints that a run no longer keeps are tried to be removed again.</summary>
    public TimeSpan RemovalRetry { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long the artifact store may take to remove one.</summary>
    public TimeSpan RemovalTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a promotion waits for a node to load the version. One that takes longer gets requests once it has it.</summary>
    public TimeSpan WarmPatience { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a promotion waits for a node to hear where requests go; it asks by itself every <see cref="ServingRefreshPeriod"/>.</summary>
    public TimeSpan RoutePatience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a node asks where requests go.</summary>
    public TimeSpan ServingRefreshPeriod { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>For how long a read is repeated where nodes die, leave or can't be reached.</summary>
    public TimeSpan ReadPatience { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>For how long a node that didn't answer, or hadn't loaded a version, is asked last.</summary>
    public TimeSpan ReplicaPause { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a version that is no longer served stays in memory: longer than other nodes may take to hear of it.</summary>
    public TimeSpan UnloadDelay { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a version that a caller named stays in memory after the last such read.</summary>
    public TimeSpan PinnedVersionKept { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How many versions a node has in memory only because callers named them.</summary>
    public int PinnedVersions { get; init; } = 3;

    /// <summary>Readings for comparison alone that a node has under way at once; more are dropped.</summary>
    public int ShadowsAtOnce { get; init; } = 8;

    /// <summary>How often a search looks at its trials, beside at their ends.</summary>
    public TimeSpan SearchPeriod { get; init; } = TimeSpan.FromSeconds(2);
}
