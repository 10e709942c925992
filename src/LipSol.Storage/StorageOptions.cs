namespace LipSol.Storage;

/// <summary>Which database holds run records, metrics, models and the cluster's membership.</summary>
public sealed record StorageOptions
{
    /// <summary>The one switch. SQLite is for one machine, PostgreSQL for a cluster.</summary>
    public StorageProvider Provider { get; init; } = StorageProvider.Sqlite;

    /// <summary>SQLite: the path of the database file; its folder is made where it's missing.</summary>
    public string Path { get; init; } = "";

    /// <summary>PostgreSQL: how to connect, in Npgsql's words (<c>Host=…;Database=…</c>). May hold a password, which nothing of LipSol ever prints.</summary>
    public string ConnectionString { get; init; } = "";

    /// <summary>What an acknowledged write survives.</summary>
    public Durability Durability { get; init; } = Durability.PowerCut;

    /// <summary>How long a write waits for another process' write before it fails.</summary>
    public TimeSpan BusyTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Whether the cluster's membership lies in this database too. Off where the host brings its own (tests).</summary>
    public bool Membership { get; init; } = true;

    /// <summary>
    /// The database that <paramref name="join"/> names: <c>Host=…;Database=…</c> is PostgreSQL, <c>Data Source=FILE</c> a SQLite file that several processes
    /// of one machine share; membership lies in it.
    /// </summary>
    /// <exception cref="StorageException">It is neither. The message shows both forms, and never what was given: that may hold a password.</exception>
    public static StorageOptions Parse(string join) => JoinText.Parse(join);

    /// <summary>Which database it is, for people: never a password.</summary>
    public override string ToString() => Provider switch
    {
        StorageProvider.PostgreSql => JoinText.Describe(ConnectionString),
        _ => $"the SQLite file {Path}",
    };

    /// <exception cref="StorageException">What the provider needs isn't there.</exception>
    internal void Check()
    {
        switch (Provider)
        {
            case StorageProvider.Sqlite when string.IsNullOrWhiteSpace(Path):
                throw new StorageException("SQLite needs the path of its file (StorageOptions.Path).");
            case StorageProvider.PostgreSql:
                JoinText.CheckPostgres(ConnectionString);
                break;
            case StorageProvider.Sqlite:
                break;
            default:
                throw new StorageException($"There's no storage provider {Provider}.");
        }
    }
}

/// <summary>The databases LipSol can keep its records in.</summary>
public enum StorageProvider
{
    /// <summary>One file, one machine; nothing to install.</summary>
    Sqlite,

    /// <summary>A server that all nodes of a cluster reach.</summary>
    PostgreSql,
}

/// <summary>What an acknowledged write survives.</summary>
public enum Durability
{
    /// <summary>
    /// A killed process of LipSol's. SQLite: <c>synchronous=NORMAL</c>, the last transactions before a power cut may be lost, the file stays sound.
    /// PostgreSQL: <c>synchronous_commit=off</c>, a crash of the database server may lose the last fractions of a second, the database stays sound.
    /// </summary>
    ProcessKill,

    /// <summary>
    /// A power cut. SQLite: <c>synchronous=FULL</c>; PostgreSQL: <c>synchronous_commit=on</c>, where the server itself has <c>fsync</c> on, as it is by default.
    /// The log is synced to the disk before a write is acknowledged.
    /// </summary>
    PowerCut,
}
