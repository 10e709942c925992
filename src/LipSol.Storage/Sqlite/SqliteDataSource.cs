using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace LipSol.Storage.Sqlite;

/// <summary>Opens connections with LipSol's settings: write-ahead log, the durability asked for, a busy timeout.</summary>
internal sealed class SqliteDataSource : DbDataSource
{
    private readonly string _pragmas;
    private readonly string _folder;

    public SqliteDataSource(StorageOptions options)
    {
        DatabasePath = Path.GetFullPath(options.Path);
        _folder = Path.GetDirectoryName(DatabasePath)!;
        ConnectionString = new SqliteConnectionStringBuilder
        {
            DataSource = DatabasePath,
            Pooling = true,
            DefaultTimeout = (int)Math.Ceiling(options.BusyTimeout.TotalSeconds),
        }.ToString();
        // busy_timeout comes first: switching the journal mode needs a lock of its own.
        _pragmas = $"PRAGMA busy_timeout={(long)options.BusyTimeout.TotalMilliseconds};"
            + "PRAGMA journal_mode=WAL;"
            + $"PRAGMA synchronous={(options.Durability == Durability.PowerCut ? "FULL" : "NORMAL")};";
    }

    public string DatabasePath { get; }

    public override string ConnectionString { get; }

    public SqliteConnection OpenSqliteConnection() => (SqliteConnection)OpenDbConnection();

    protected override DbConnection CreateDbConnection() => new SqliteConnection(ConnectionString);

    protected override DbConnection OpenDbConnection()
    {
        Directory.CreateDirectory(_folder);
        var connection = new SqliteConnection(ConnectionString);
        try
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = _pragmas;
            command.ExecuteNonQuery();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    protected override ValueTask<DbConnection> OpenDbConnectionAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(OpenDbConnection());
    }

    protected override void Dispose(bool disposing)
    {
        // The pool keeps the file open: let it go, so that the folder can be moved or removed.
        if (disposing) SqliteConnection.ClearPool(new SqliteConnection(ConnectionString));
        base.Dispose(disposing);
    }
}
