using System.Diagnostics;
using DbUp;
using LipSol.Storage.Runs;
using LipSol.Storage.Schema;
using Microsoft.Extensions.Logging;

namespace LipSol.Storage.Sqlite;

/// <summary>Brings the schema of a SQLite file up to date, then the rows of the run index that an older LipSol wrote.</summary>
/// <param name="source">The file.</param>
/// <param name="logger">Where the library's own words go.</param>
/// <param name="only">Which scripts there are; null: all.</param>
internal sealed class SqliteMigrations(SqliteDataSource source, ILogger<SqliteMigrations> logger, Func<string, bool>? only = null)
{
    /// <summary>Where the scripts lie.</summary>
    public const string ScriptFolder = "Sqlite.Migrations";
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    /// <summary>Applies what is missing. Safe where several processes start at the same time: one works, the others wait and find nothing left to do.</summary>
    /// <exception cref="StorageException">The file can't be used, or was made by a newer version.</exception>
    public async Task ApplyAsync(CancellationToken cancellationToken)
    {
        using var gate = await LockAsync(cancellationToken);
        // The first connection makes the file and switches it to the write-ahead log, which can't be done in a transaction.
        source.OpenSqliteConnection().Dispose();
        SchemaUpgrade.Perform(DeployChanges.To.SqliteDatabase(source.ConnectionString), ScriptFolder, $"the database {source.DatabasePath}", only, logger);
        if (only is not null) return;
        int rows = new SqliteRunIndex(source).BringUpToDate(cancellationToken);
        if (rows > 0) logger.LogInformation("The search index of {Runs} runs was brought up to date.", rows);
    }

    // A lock on a file beside the database: SQLite's own lock is per transaction, and the journal table isn't there before the first script.
    private async Task<FileStream> LockAsync(CancellationToken cancellationToken)
    {
        string path = source.DatabasePath + ".migrating";
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (e is not (DirectoryNotFoundException or FileNotFoundException or PathTooLongException))
            {
                if (Stopwatch.GetElapsedTime(started) > LongestWait)
                    throw new StorageException($"Another process has held {path} for a minute. Is it stuck while it brings the database up to date?", e);
                await Task.Delay(50, cancellationToken);
            }
        }
    }
}
