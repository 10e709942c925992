using LipSol.Storage.Metrics;
using LipSol.Storage.Runs;
using LipSol.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace LipSol.Storage.Tests;

/// <summary>A real SQLite file in a folder of its own.</summary>
internal sealed class TemporaryDatabase : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lipsol-storage-").FullName;
    private readonly List<IAsyncDisposable> _open = [];

    private TemporaryDatabase(Durability durability)
    {
        Options = new StorageOptions { Path = Path.Combine(_folder, "ڈیٹا", "lipsol.db"), Durability = durability };
        Source = new SqliteDataSource(Options);
    }

    public StorageOptions Options { get; }
    public SqliteDataSource Source { get; }
    public SqliteRunIndex Index => new(Source);

    public static async Task<TemporaryDatabase> CreateAsync(Durability durability = Durability.ProcessKill)
    {
        var database = new TemporaryDatabase(durability);
        await database.MigrateAsync();
        return database;
    }

    public static TemporaryDatabase Empty() => new(Durability.ProcessKill);

    public Task MigrateAsync() => new SqliteMigrations(new SqliteDataSource(Options), NullLogger<SqliteMigrations>.Instance).ApplyAsync(CancellationToken.None);

    /// <summary>A store with a writer connection of its own, as another process has it.</summary>
    public SqliteMetricStore OpenMetrics()
    {
        var store = new SqliteMetricStore(new SqliteDataSource(Options));
        _open.Add(store);
        return store;
    }

    public List<string> Query(string text)
    {
        using SqliteConnection connection = Source.OpenSqliteConnection();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = text;
        var rows = new List<string>();
        using SqliteDataReader reader = command.ExecuteReader();
        while (reader.Read()) rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(reader.GetValue)));
        return rows;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable open in _open) await open.DisposeAsync();
        Source.Dispose();
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }
}
