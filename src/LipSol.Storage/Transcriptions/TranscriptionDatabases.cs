using System.Data.Common;
using LipSol.Storage.Postgres;
using LipSol.Storage.Sqlite;

namespace LipSol.Storage.Transcriptions;

/// <summary>Where the table of transcriptions lies.</summary>
internal interface ITranscriptionDatabase
{
    /// <summary>Does something repeatable on a connection.</summary>
    Task<T> RunAsync<T>(Func<DbConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken);
}

/// <summary>A SQLite file. What is deleted is overwritten in it, since it's what someone said.</summary>
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

    public void Dispose() => _source.Dispose();
}

/// <summary>PostgreSQL.</summary>
internal sealed class PostgresTranscriptions(PostgresDatabase database) : ITranscriptionDatabase
{
    public Task<T> RunAsync<T>(Func<DbConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken) =>
        database.RunAsync((connection, token) => work(connection, token), cancellationToken);
}
