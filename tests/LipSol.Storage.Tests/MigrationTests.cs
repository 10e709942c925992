using LipSol.Contracts.Runs;
using LipSol.Grains.Ports;
using LipSol.Storage.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace LipSol.Storage.Tests;

/// <summary>How a schema comes to be, on both databases.</summary>
public sealed class MigrationTests
{
    private const string Queries = "SELECT QueryKey, QueryText FROM OrleansQuery ORDER BY QueryKey", Journal = "SELECT ScriptName FROM SchemaVersions ORDER BY ScriptName";
    private static readonly CancellationToken None = CancellationToken.None;

    public static TheoryData<StorageProvider> Both => [StorageProvider.Sqlite, StorageProvider.PostgreSql];

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Migrations_that_run_twice_change_nothing_the_second_time(StorageProvider provider)
    {
        await using TemporaryDatabase database = await TemporaryDatabase.CreateAsync(provider);
        List<string> objects = database.Query(Objects(provider)), queries = database.Query(Queries);
        await database.MigrateAsync();
        Assert.Equal(objects, database.Query(Objects(provider)));
        Assert.Equal(queries, database.Query(Queries));
        Assert.Equal(database.Scripts.Count, database.Query(Journal).Count);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Nodes_that_start_at_the_same_time_migrate_once(StorageProvider provider)
    {
        await using TemporaryDatabase database = await TemporaryDatabase.EmptyAsync(provider);
        using var start = new Barrier(8);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(async () =>
        {
            start.SignalAndWait();
            await database.MigrateAsync();
        }, TaskCreationOptions.LongRunning).Unwrap()));
        Assert.Equal(database.Scripts.Count, database.Query(Journal).Count);
        if (provider == StorageProvider.Sqlite) Assert.Equal(["wal"], database.Query("PRAGMA journal_mode"));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Every_query_that_Orleans_asks_for_is_there(StorageProvider provider)
    {
        await using TemporaryDatabase database = await TemporaryDatabase.CreateAsync(provider);
        Assert.Equal(
        [
            "CleanupDefunctSiloEntriesKey", "ClearStorageKey", "DeleteMembershipTableEntriesKey", "DeleteReminderRowKey", "DeleteReminderRowsKey", "DeleteStorageKey",
            "GatewaysQueryKey", "InsertMembershipKey", "InsertMembershipVersionKey", "MembershipReadAllKey", "MembershipReadRowKey", "ReadFromStorageKey",
            "ReadRangeRows1Key", "ReadRangeRows2Key", "ReadReminderRowKey", "ReadReminderRowsKey", "UpdateIAmAlivetimeKey", "UpdateMembershipKey", "UpsertReminderRowKey", "WriteToStorageKey",
        ], database.Query("SELECT QueryKey FROM OrleansQuery ORDER BY QueryKey"));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_database_of_the_version_before_is_brought_up_to_date_and_keeps_what_is_in_it(StorageProvider provider)
    {
        await using TemporaryDatabase database = await TemporaryDatabase.EmptyAsync(provider);
        string newest = database.Scripts[^1];
        await database.MigrateAsync(script => script != newest);
        Assert.DoesNotContain(database.Query(Journal), name => name.EndsWith(newest, StringComparison.Ordinal));
        // Rows as that version wrote them, in SQL: today's code may need today's tables.
        database.Query("INSERT INTO MetricRun (RunId, Epoch, Open, Cursor) VALUES ('run', 2, true, 1)");
        database.Query("INSERT INTO MetricName (Name) VALUES ('loss')");
        database.Query("INSERT INTO MetricBatch (RunKey, Epoch, Batch, Cursor) SELECT RunKey, 2, 7, 1 FROM MetricRun");
        database.Query("INSERT INTO MetricPoint (RunKey, NameKey, Step, Epoch, Cursor, Value, Time) SELECT RunKey, NameKey, 5, 2, 1, 0.25, 0 FROM MetricRun, MetricName");
        if (provider == StorageProvider.PostgreSql) database.Query("INSERT INTO MetricSeries (RunKey, NameKey, LastStep) SELECT RunKey, NameKey, 5 FROM MetricRun, MetricName");

        await database.MigrateAsync();
        IMetricStore store = database.OpenMetrics();
        Assert.Equal([new MetricPoint("loss", 5, 0.25, DateTimeOffset.MinValue)], await store.ReadAsync("run", null, 10, None));
        Assert.True((await store.AppendAsync("run", 2, 7, MetricStoreTests.Points("loss", 5, 1), None)).Repeated);
        Assert.Equal(new AppendedBatch(2, false), await store.AppendAsync("run", 2, 8, MetricStoreTests.Points("loss", 6, 1), None));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_database_of_a_newer_version_is_refused_and_left_as_it_is(StorageProvider provider)
    {
        await using TemporaryDatabase database = await TemporaryDatabase.CreateAsync(provider);
        string newest = database.Scripts[^1];
        List<string> journal = database.Query(Journal);
        StorageException e = await Assert.ThrowsAsync<StorageException>(() => database.MigrateAsync(script => script != newest));
        Assert.Contains("newer version of LipSol", e.Message);
        Assert.Contains(newest, e.Message);
        Assert.Contains(provider == StorageProvider.Sqlite ? database.Options.Path : "the PostgreSQL database", e.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(journal, database.Query(Journal));
    }

    [Theory]
    [InlineData(Durability.PowerCut, "2")]
    [InlineData(Durability.ProcessKill, "1")]
    public async Task The_durability_asked_for_is_the_one_that_connections_to_a_file_have(Durability durability, string synchronous)
    {
        await using TemporaryDatabase database = await TemporaryDatabase.CreateAsync(durability: durability);
        Assert.Equal([synchronous], database.Query("PRAGMA synchronous"));
        Assert.Equal(["15000"], database.Query("PRAGMA busy_timeout"));
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused_by_name_and_left_as_it_is()
    {
        string folder = Directory.CreateTempSubdirectory("lipsol-storage-").FullName;
        string path = Path.Combine(folder, "lipsol.db");
        string text = string.Concat(Enumerable.Repeat("This is somebody's diary. ", 100));
        await File.WriteAllTextAsync(path, text);
        var migrations = new SqliteMigrations(new SqliteDataSource(new StorageOptions { Path = path }), NullLogger<SqliteMigrations>.Instance);
        StorageException e = await Assert.ThrowsAsync<StorageException>(() => migrations.ApplyAsync(None));
        Assert.Contains(path, e.Message);
        Assert.Equal(text, await File.ReadAllTextAsync(path));
        Directory.Delete(folder, recursive: true);
    }

    private static string Objects(StorageProvider provider) => provider == StorageProvider.Sqlite
        ? "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name"
        : "SELECT relkind, relname, coalesce(pg_get_indexdef(oid), '') FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY relkind, relname";
}
