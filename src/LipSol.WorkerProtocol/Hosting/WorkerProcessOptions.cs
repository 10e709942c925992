namespace LipSol.WorkerProtocol;

/// <summary>How a worker process is started and ended.</summary>
public sealed record WorkerProcessOptions
{
    /// <summary>The worker's .dll; null: <see cref="WorkerExecutable.Locate()"/>.</summary>
    public string? Executable { get; init; }
    /// <summary>Arguments before the socket's path.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];
    /// <summary>Variables of the environment beside the few that a worker inherits.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
    /// <summary>Longest time from the start to the hello.</summary>
    public TimeSpan StartDeadline { get; init; } = TimeSpan.FromSeconds(60);
    /// <summary>A worker that gives no sign of life for so long is ended; it gives one every second.</summary>
    public TimeSpan SilenceLimit { get; init; } = TimeSpan.FromSeconds(30);
    /// <summary>A worker whose step, progress and phase stay the same for so long is ended; null for jobs that wait for work.</summary>
    public TimeSpan? StandstillLimit { get; init; }
    /// <summary>Most memory of its own that the worker may hold, in bytes; 0: no limit. Looked at about once a second: one that holds more is ended, and fails.</summary>
    public long MemoryLimit { get; init; }
    /// <summary>What the worker may do with files, where it runs code of a person; null: what its user may.</summary>
    public Confinement? Confinement { get; init; }
    /// <summary>The version of the protocol this host speaks.</summary>
    public int ProtocolVersion { get; init; } = Protocol.Version;
}
