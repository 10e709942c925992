using System.Data.Common;
using LipSol.Grains.Ports;
using LipSol.Storage.Metrics;
using LipSol.Storage.Postgres;
using LipSol.Storage.Runs;
using LipSol.Storage.Schema;
using LipSol.Testing.Postgres;
using Npgsql;

namespace LipSol.Storage.Tests;

/// <summary>A database of its own on a real PostgreSQL server.</summary>
internal sealed class PostgresTestDatabase : TemporaryDatabase
{
    // Migrated once, and copied: that takes a tenth of the time.
    private static readonly Lazy<Task<string>> Template = new(MakeTemplateAsync);
    private readonly PostgresServer _server;
    private readonly string _name;

    public PostgresTestDatabase(PostgresServer server, string name, Durability durability)
    {
        (_server, _name) = (server, name);
        Options = new StorageOptions { Provider = StorageProvider.PostgreSql, ConnectionString = server.ConnectionString(name), Durability = durability };
        Database = Keep(new PostgresDatabase(Options));
    }

    public override StorageOptions Options { get; }

    public PostgresDatabase Database { get; }

    public override IRunIndex Index => new PostgresRunIndex(Database);

    public override List<string> Scripts => SchemaUpgrade.Scripts(PostgresMigrations.ScriptFolder);

    public static async Task<TemporaryDatabase> CreateAsync(bool migrated, Durability durability)
    {
        Assert.SkipWhen(PostgresServer.WhyNot is not null, PostgresServer.WhyNot ?? "");
        PostgresServer server = await SharedPostgres.GetAsync();
        return new PostgresTestDatabase(server, await server.CreateDatabaseAsync(migrated ? await Template.Value : null), durability);
    }

    /// <summary>A migrated database on a server that the test may stop.</summary>
    public static async Task<PostgresTestDatabase> OnAsync(PostgresServer server, Durability durability = Durability.PowerCut)
    {
        var database = new PostgresTestDatabase(server, await server.CreateDatabaseAsync(), durability);
        await database.MigrateAsync();
        return database;
    }

    public override async Task MigrateAsync(Func<string, bool>? only = null)
    {
        await using var database = new PostgresDatabase(Options);
        await new PostgresMigrations(database, Options.Durability, NoLog<PostgresMigrations>(), only).ApplyAsync(CancellationToken.None);
    }

    public Task TerminateConnectionsAsync() => _server.TerminateConnectionsAsync(_name);

    /// <summary>A store on a pool of its own, reached through another address (a proxy's).</summary>
    public PostgresMetricStore OpenMetricsAt(int port)
    {
        string text = new NpgsqlConnectionStringBuilder(Options.ConnectionString) { Port = port }.ToString();
        return Keep(new PostgresMetricStore(Keep(new PostgresDatabase(Options with { ConnectionString = text }))));
    }

    protected override IMetricStore MakeMetrics() => new PostgresMetricStore(Keep(new PostgresDatabase(Options)));

    protected override DbConnection Open()
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(Options.ConnectionString) { Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    protected override Task RemoveAsync() => _server.DropDatabaseAsync(_name);

    private static async Task<string> MakeTemplateAsync()
    {
        PostgresServer server = await SharedPostgres.GetAsync();
        string name = await server.CreateDatabaseAsync();
        await DatabaseSetup.PrepareAsync(new StorageOptions { Provider = StorageProvider.PostgreSql, ConnectionString = server.ConnectionString(name) });
        return name;
    }
}
