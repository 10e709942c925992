namespace LipSol.Storage;

/// <summary>Which database holds run records, metrics, models and the cluster's membership.</summary>
public sealed record StorageOptions
{
    /// <summary>The one switch. SQLite is for one machine.</summary>
    public StorageProvider Provider { get; init; } = StorageProvider.Sqlite;

    /// <summary>SQLite: the path of the database file; its folder is made where it's missing.</summary>
    public required string Path { get; init; }

    /// <summary>What an acknowledged write survives.</summary>
    public Durability Durability { get; init; } = Durability.PowerCut;

    /// <summary>How long a write waits for another process' write before it fails.</summary>
    public TimeSpan BusyTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Whether the cluster's membership lies in this database too. Off where the host brings its own (tests).</summary>
    public bool Membership { get; init; } = true;
}

/// <summary>The databases LipSol can keep its records in.</summary>
public enum StorageProvider
{
    /// <summary>One file, one machine; nothing to install.</summary>
    Sqlite,
}

/// <summary>What an acknowledged write survives.</summary>
public enum Durability
{
    /// <summary>A killed process. SQLite: <c>synchronous=NORMAL</c>, the last transactions before a power cut may be lost, the file stays sound.</summary>
    ProcessKill,

    /// <summary>A power cut. SQLite: <c>synchronous=FULL</c>, the log is synced to the disk before a write is acknowledged.</summary>
    PowerCut,
}
