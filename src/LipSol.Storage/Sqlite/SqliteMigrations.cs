using System.Diagnostics;
using DbUp;
using DbUp.Engine;
using DbUp.Engine.Output;
using LipSol.Storage.Runs;
using Microsoft.Extensions.Logging;

namespace LipSol.Storage.Sqlite;

/// <summary>Brings the schema up to date: embedded scripts in order of their names, each once, each in a transaction; then the rows of the run index that an older LipSol wrote.</summary>
internal sealed class SqliteMigrations(SqliteDataSource source, ILogger<SqliteMigrations> logger)
{
    private const string ScriptFolder = ".Sqlite.Migrations.";
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    /// <summary>Applies what is missing. Safe where several processes start at the same time: one works, the others wait and find nothing left to do.</summary>
    public async Task ApplyAsync(CancellationToken cancellationToken)
    {
        using var gate = await LockAsync(cancellationToken);
        // The first connection makes the file and switches it to the write-ahead log, which can't be done in a transaction.
        source.OpenSqliteConnection().Dispose();
        UpgradeEngine engine = DeployChanges.To.SqliteDatabase(source.ConnectionString)
            .WithScriptsEmbeddedInAssembly(typeof(SqliteMigrations).Assembly, name => name.Contains(ScriptFolder, StringComparison.Ordinal))
            .WithTransactionPerScript()
            .WithVariablesDisabled()
            .LogTo(new LoggerLog(logger))
            .Build();
        DatabaseUpgradeResult result = engine.PerformUpgrade();
        if (!result.Successful)
            throw new StorageException($"The database {source.DatabasePath} can't be brought up to date: {result.ErrorScript?.Name}: {result.Error.Message}", result.Error);
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

    private sealed class LoggerLog(ILogger logger) : IUpgradeLog
    {
        public void LogTrace(string format, params object[] args) => logger.LogTrace(format, args);
        public void LogDebug(string format, params object[] args) => logger.LogDebug(format, args);
        public void LogInformation(string format, params object[] args) => logger.LogDebug(format, args);
        public void LogWarning(string format, params object[] args) => logger.LogWarning(format, args);
        public void LogError(string format, params object[] args) => logger.LogError(format, args);
        public void LogError(Exception ex, string format, params object[] args) => logger.LogError(ex, format, args);
    }
}
