using DbUp;
using DbUp.Postgresql;
using LipSol.Storage.Runs;
using LipSol.Storage.Schema;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace LipSol.Storage.Postgres;

/// <summary>Brings the schema of a PostgreSQL database up to date, then the rows of the run index that an older LipSol wrote.</summary>
/// <param name="database">The database.</param>
/// <param name="durability">What is promised to whoever writes; a server that can't keep it is told in the log.</param>
/// <param name="logger">Where warnings and the library's own words go.</param>
/// <param name="only">Which scripts there are; null: all.</param>
internal sealed class PostgresMigrations(PostgresDatabase database, Durability durability, ILogger<PostgresMigrations> logger, Func<string, bool>? only = null)
{
    /// <summary>Where the scripts lie.</summary>
    public const string ScriptFolder = "Postgres.Migrations";

    // Any number would do, as long as it's always the same; it spells "LipSol".
    private const long LockKey = 0x4c6970536f6c;
    private const int OldestServer = 14;
    private const string WaitForTurn = "SET LOCAL lock_timeout = '1min'; SET LOCAL idle_in_transaction_session_timeout = 0; SELECT pg_advisory_xact_lock({0})";

    /// <summary>Applies what is missing. Safe where several nodes start at the same time: one works, the others wait and find nothing left to do.</summary>
    /// <exception cref="StorageException">The database can't be reached or used, or was made by a newer version.</exception>
    public async Task ApplyAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using NpgsqlConnection gate = await database.Membership.OpenConnectionAsync(cancellationToken);
            await CheckServerAsync(gate, cancellationToken);
            await using NpgsqlTransaction turn = await gate.BeginTransactionAsync(cancellationToken);
            await ExecuteAsync(gate, string.Format(System.Globalization.CultureInfo.InvariantCulture, WaitForTurn, LockKey), cancellationToken);
            SchemaUpgrade.Perform(DeployChanges.To.PostgresqlDatabase(new PostgresqlConnectionManager(database.Records)), ScriptFolder, database.Name, only, logger);
            if (only is not null) return;
            int rows = await new PostgresRunIndex(database).BringUpToDateAsync(cancellationToken);
            if (rows > 0) logger.LogInformation("The search index of {Runs} runs was brought up to date.", rows);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            throw new StorageException($"Another node has been bringing {database.Name} up to date for a minute. Is it stuck? Start this node again once it's done.", e);
        }
        catch (StorageException e) when (e.InnerException is NpgsqlException inner && PostgresAdvice.Explain(inner, database) is { } why)
        {
            throw new StorageException(why, inner);
        }
        catch (NpgsqlException e)
        {
            throw new StorageException(PostgresAdvice.Explain(e, database) ?? $"Using {database.Name} failed: {e.Message}", e);
        }
    }

    private async Task CheckServerAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (connection.PostgreSqlVersion.Major < OldestServer)
            throw new StorageException($"The server of {database.Name} is PostgreSQL {connection.PostgreSqlVersion}: LipSol needs {OldestServer} or newer.");
        string encoding = await ShowAsync(connection, "server_encoding", cancellationToken);
        if (encoding != "UTF8")
            throw new StorageException($"{char.ToUpperInvariant(database.Name[0])}{database.Name[1..]} is encoded in {encoding}, which can't hold Urdu. Make one with: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0.");
        if (durability != Durability.PowerCut) return;
        foreach (string setting in new[] { "fsync", "full_page_writes" })
            if (await ShowAsync(connection, setting, cancellationToken) != "on")
                logger.LogWarning("The server of {Database} runs with {Setting} off: a power cut there may lose acknowledged records or the whole database", database.Name, setting);
    }

    private static async Task<string> ShowAsync(NpgsqlConnection connection, string setting, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"SHOW {setting}", connection);
        return (string)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string text, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(text, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
