using LipSol.Storage.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace LipSol.Storage.Tests;

public sealed class MigrationTests
{
    private const string Objects = "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name";

    [Fact]
    public async Task Migrations_that_run_twice_change_nothing_the_second_time()
    {
        await using TemporaryDatabase database = await TemporaryDatabase.CreateAsync();
        List<string> first = database.Query(Objects), queries = database.Query("SELECT * FROM OrleansQuery ORDER BY QueryKey");
        await database.MigrateAsync();
        Assert.Equal(first, database.Query(Objects));
        Assert.Equal(queries, database.Query("SELECT * FROM OrleansQuery ORDER BY QueryKey"));
        Assert.Equal(5, database.Query("SELECT ScriptName FROM SchemaVersions").Count);
    }

    [Fact]
    public async Task Nodes_that_start_at_the_same_time_migrate_once()
    {
        await using TemporaryDatabase database = TemporaryDatabase.Empty();
        using var start = new Barrier(8);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(async () =>
        {
            start.SignalAndWait();
            await database.MigrateAsync();
        }, TaskCreationOptions.LongRunning).Unwrap()));
        Assert.Equal(5, database.Query("SELECT ScriptName FROM SchemaVersions").Count);
        Assert.Equal(["wal"], database.Query("PRAGMA journal_mode"));
    }

    [Fact]
    public async Task Every_query_that_Orleans_asks_for_is_there()
    {
        await using TemporaryDatabase database = await TemporaryDatabase.CreateAsync();
        Assert.Equal(
        [
            "CleanupDefunctSiloEntriesKey", "ClearStorageKey", "DeleteMembershipTableEntriesKey", "DeleteReminderRowKey", "DeleteReminderRowsKey", "DeleteStorageKey",
            "GatewaysQueryKey", "InsertMembershipKey", "InsertMembershipVersionKey", "MembershipReadAllKey", "MembershipReadRowKey", "ReadFromStorageKey",
            "ReadRangeRows1Key", "ReadRangeRows2Key", "ReadReminderRowKey", "ReadReminderRowsKey", "UpdateIAmAlivetimeKey", "UpdateMembershipKey", "UpsertReminderRowKey", "WriteToStorageKey",
        ], database.Query("SELECT QueryKey FROM OrleansQuery ORDER BY QueryKey"));
    }

    [Theory]
    [InlineData(Durability.PowerCut, "2")]
    [InlineData(Durability.ProcessKill, "1")]
    public async Task The_durability_asked_for_is_the_one_that_connections_have(Durability durability, string synchronous)
    {
        await using TemporaryDatabase database = await TemporaryDatabase.CreateAsync(durability);
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
        StorageException e = await Assert.ThrowsAsync<StorageException>(() => migrations.ApplyAsync(CancellationToken.None));
        Assert.Contains(path, e.Message);
        Assert.Equal(text, await File.ReadAllTextAsync(path));
        Directory.Delete(folder, recursive: true);
    }
}
