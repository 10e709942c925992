using LipSol.Storage.Postgres;
using LipSol.Storage.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace LipSol.Storage;

/// <summary>Makes a database ready for this version.</summary>
public static class DatabaseSetup
{
    /// <summary>Makes the tables, or brings them up to date. Repeatable, and safe where several nodes do it at the same time. A silo does it at its start by itself.</summary>
    /// <exception cref="StorageException">The database can't be reached or used, or was made by a newer version of LipSol; the message says what to do.</exception>
    public static async Task PrepareAsync(StorageOptions options, ILoggerFactory? logs = null, CancellationToken cancellationToken = default)
    {
        options.Check();
        logs ??= NullLoggerFactory.Instance;
        if (options.Provider == StorageProvider.PostgreSql)
        {
            await using var database = new PostgresDatabase(options);
            await new PostgresMigrations(database, options.Durability, logs.CreateLogger<PostgresMigrations>()).ApplyAsync(cancellationToken);
        }
        else
        {
            using var source = new SqliteDataSource(options);
            await new SqliteMigrations(source, logs.CreateLogger<SqliteMigrations>()).ApplyAsync(cancellationToken);
        }
    }
}
