using LipSol.Storage.Postgres;
using LipSol.Storage.Presence;
using LipSol.Storage.Sqlite;

namespace LipSol.Storage;

/// <summary>Opens the list of the nodes that are in the cluster.</summary>
public static class NodePresence
{
    /// <summary>How long a node that isn't renewed counts as there.</summary>
    public static TimeSpan Expiry => PresenceRules.Expiry;

    /// <summary>
    /// Opens it, apart from any silo. Connects at the first use, and needs the tables: <see cref="DatabaseSetup.PrepareAsync"/> comes before.
    /// Whoever opens it disposes of it.
    /// </summary>
    /// <param name="options">The database.</param>
    /// <param name="time">This machine's clock, which is compared with the database's.</param>
    /// <exception cref="StorageException">The options name no database.</exception>
    public static INodePresence Open(StorageOptions options, TimeProvider? time = null)
    {
        options.Check();
        return options.Provider == StorageProvider.PostgreSql
            ? new PostgresNodePresence(new PostgresDatabase(options), time ?? TimeProvider.System)
            : new SqliteNodePresence(new SqliteDataSource(options));
    }
}
