using System.Data.Common;
using LipSol.Testing.Postgres;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace LipSol.Testing.Cluster.Nodes;

/// <summary>Which database a cluster is tried on.</summary>
public enum DatabaseKind
{
    /// <summary>One file that the nodes share.</summary>
    Sqlite,

    /// <summary>A server of the test's own, which may be stopped and paused.</summary>
    Postgres,
}

/// <summary>A database that nodes join, and that a test reads behind their backs.</summary>
internal abstract class ClusterDatabase : IAsyncDisposable
{
    public static async Task<ClusterDatabase> CreateAsync(DatabaseKind kind, string folder)
    {
        if (kind == DatabaseKind.Sqlite) return new SqliteDatabase(Path.Combine(folder, "cluster.db"));
        var server = await PostgresServer.StartAsync(syncs: false, "max_connections=200");
        return new PostgresDatabase(server, server.ConnectionString(await server.CreateDatabaseAsync()));
    }

    /// <summary>What nodes are told with <c>--join</c>.</summary>
    public abstract string Join { get; }

    /// <summary>The server, where there is one.</summary>
    public virtual PostgresServer? Server => null;

    protected abstract DbConnection Connect();

    /// <summary>The rows that a query finds, column by column.</summary>
    public async Task<List<object?[]>> QueryAsync(string sql)
    {
        await using var connection = Connect();
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync();
        List<object?[]> rows = [];
        while (await reader.ReadAsync())
        {
            var row = new object?[reader.FieldCount];
            for (var i = 0; i < row.Length; i++) row[i] = reader.IsDBNull(i) ? null : reader.GetValue(i);
            rows.Add(row);
        }
        return rows;
    }

    /// <summary>Holds the write lock for a while, as a backup that went wrong does.</summary>
    public async Task LockAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        await using var connection = Connect();
        await connection.OpenAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await Task.Delay(duration, cancellationToken);
        await transaction.RollbackAsync(cancellationToken);
    }

    public abstract ValueTask DisposeAsync();

    private sealed class SqliteDatabase(string path) : ClusterDatabase
    {
        public override string Join => $"Data Source={path}";

        protected override DbConnection Connect() => new SqliteConnection($"Data Source={path};Pooling=False");

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class PostgresDatabase(PostgresServer server, string connectionString) : ClusterDatabase
    {
        public override string Join => connectionString;

        public override PostgresServer Server => server;

        protected override DbConnection Connect() => new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);

        public override ValueTask DisposeAsync() => server.DisposeAsync();
    }
}
