using System.Data.Common;
using LipSol.Grains.Ports;
using LipSol.Storage.Metrics;
using LipSol.Storage.Runs;
using LipSol.Storage.Schema;
using LipSol.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace LipSol.Storage.Tests;

/// <summary>A real SQLite file in a folder of its own.</summary>
internal sealed class SqliteTestDatabase : TemporaryDatabase
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lipsol-storage-").FullName;

    public SqliteTestDatabase(Durability durability)
    {
        Options = new StorageOptions { Path = Path.Combine(_folder, "ڈیٹا", "lipsol.db"), Durability = durability };
        Source = new SqliteDataSource(Options);
    }

    public override StorageOptions Options { get; }

    public SqliteDataSource Source { get; }

    public override IRunIndex Index => new SqliteRunIndex(Source);

    public override List<string> Scripts => SchemaUpgrade.Scripts(SqliteMigrations.ScriptFolder);

    public override Task MigrateAsync(Func<string, bool>? only = null) =>
        new SqliteMigrations(new SqliteDataSource(Options), NoLog<SqliteMigrations>(), only).ApplyAsync(CancellationToken.None);

    protected override IMetricStore MakeMetrics() => new SqliteMetricStore(new SqliteDataSource(Options));

    protected override DbConnection Open() => Source.OpenSqliteConnection();

    protected override Task RemoveAsync()
    {
        Source.Dispose();
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }
}
