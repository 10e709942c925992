using System.Data.Common;
using LipSol.Storage.Postgres;
using LipSol.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace LipSol.Storage.Transcriptions;

/// <summary>Where the table of transcriptions lies.</summary>
internal interface ITranscriptionDatabase
{
    /// <summary>Does something repeatable on a connection.</summary>
    Task<T> RunAsync<T>(Func<DbConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken);

    /// <summary>Has what was deleted leave the database's files too, as far as that is in our hands.</summary>
    /// <returns>False where someone who reads or writes stood in the way: it's to be tried again.</returns>
    Task<bool> ForgetAsync(CancellationToken cancellationToken);
}

/// <summary>A SQLite file. What is deleted is overwritten in it, and leaves the log beside it, since it's what someone said.</summary>
internal sealed class SqliteTranscriptions : ITranscriptionDatabase, IDisposable
{
    private readonly SqliteDataSource _source;

    // Answers can be asked for again: they needn't be on the disk before the caller has them.
    public SqliteTranscriptions(StorageOptions options) => _source = new SqliteDataSource(options with { Durability = Durability.ProcessKill });

    public Task<T> RunAsync<T>(Func<DbConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken) => Task.Run(async () =>
    {
        await using DbConnection connection = _source.OpenSqliteConnection();
        await using (DbCommand secure = connection.CreateCommand())
        {
            secure.CommandText = "PRAGMA secure_delete=ON";
            secure.ExecuteScalar();
        }
        return await work(connection, cancellationToken);
    }, cancellationToken);

    // Overwritten are the pages of the file; the log beside it has the pages from before until it's emptied, which waits for all who read.
    public Task<bool> ForgetAsync(CancellationToken cancellationToken) => Task.Run(() =>
    {
        using SqliteConnection connection = _source.OpenSqliteConnection();
        using SqliteCommand empty = connection.CreateCommand();
        empty.CommandText = "PRAGMA busy_timeout=500; PRAGMA wal_checkpoint(TRUNCATE)";
        using SqliteDataReader row = empty.ExecuteReader();
        row.NextResult();
        return row.Read() && row.GetInt32(0) == 0;
    }, cancellationToken);

    public void Dispose() => _source.Dispose();
}

/// <summary>PostgreSQL.</summary>
internal sealed class PostgresTranscriptions(PostgresDatabase database) : ITranscriptionDatabase
{
    public Task<T> RunAsync<T>(Func<DbConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken) =>
        database.RunAsync((connection, token) => work(connection, token), cancellationToken);

    // Its vacuum takes the rows, and its log is the administrator's.
    public Task<bool> ForgetAsync(CancellationToken cancellationToken) => Task.FromResult(true);
}
