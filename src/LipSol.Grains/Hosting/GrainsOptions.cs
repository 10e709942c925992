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
}
