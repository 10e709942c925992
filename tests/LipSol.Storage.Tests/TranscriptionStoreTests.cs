using LipSol.Storage.Transcriptions;
using Microsoft.Data.Sqlite;

namespace LipSol.Storage.Tests;

/// <summary>What is promised of transcriptions that are kept, whatever database they are in.</summary>
public abstract class TranscriptionStoreTests(StorageProvider provider) : IAsyncLifetime
{
    private static readonly DateTimeOffset Now = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);
    private TemporaryDatabase _database = null!;
    private IDisposable? _open;
    private ITranscriptionStore _store = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await TemporaryDatabase.CreateAsync(provider);
        if (_database is PostgresTestDatabase postgres)
        {
            _store = new TranscriptionStore(new PostgresTranscriptions(postgres.Database));
            return;
        }
        var sqlite = new SqliteTranscriptions(_database.Options);
        (_open, _store) = (sqlite, new TranscriptionStore(sqlite));
    }

    public async ValueTask DisposeAsync()
    {
        _open?.Dispose();
        if (_database is not null) await _database.DisposeAsync();
    }

    [Fact]
    public async Task One_comes_back_as_it_was_kept_until_it_expires()
    {
        StoredTranscription kept = Ended("a", Now.AddHours(1)) with { Batch = "b", Place = 3, Progress = 0.5, EndAsked = true, Owner = "farida", Document = "{\"text\": \"کب\"}" };
        await _store.AddAsync([kept]);
        Assert.Equal(kept, await _store.FindAsync("a", Now));
        Assert.Equal(kept, await _store.FindAsync("a", Now.AddMinutes(59)));
        Assert.Null(await _store.FindAsync("a", Now.AddHours(1)));
        Assert.Null(await _store.FindAsync("other", Now));
    }

    [Fact]
    public async Task One_that_an_earlier_version_kept_has_no_owner()
    {
        await using TemporaryDatabase database = await TemporaryDatabase.EmptyAsync(provider);
        await database.MigrateAsync(script => string.CompareOrdinal(script, "0031") < 0);
        database.Query("INSERT INTO Transcription (Id, Place, State, Progress, Node, Incarnation, CreatedAt, RenewedAt, CancelAsked) VALUES ('old', 0, 'queued', 0, 'node', 'here', 0, 0, 0)");
        await database.MigrateAsync();
        Assert.Equal(["old|"], database.Query("SELECT Id, Owner FROM Transcription"));
    }

    [Fact]
    public async Task What_has_expired_is_deleted_and_nothing_else_is()
    {
        await _store.AddAsync([Ended("past", Now), Ended("future", Now.AddSeconds(1)), UnderWay("work")]);
        Assert.Equal(1, await _store.SweepAsync(Now));
        Assert.Equal(["future", "work"], _database.Query("SELECT Id FROM Transcription ORDER BY Id"));
        Assert.Equal(0, await _store.SweepAsync(Now));
    }

    [Fact]
    public async Task Deleting_happens_once()
    {
        await _store.AddAsync([Ended("a", Now.AddHours(1)), Ended("expired", Now)]);
        Assert.True(await _store.DeleteAsync("a", Now));
        Assert.False(await _store.DeleteAsync("a", Now));
        Assert.False(await _store.DeleteAsync("expired", Now));
        Assert.Null(await _store.FindAsync("a", Now));
    }

    [Fact]
    public async Task A_batch_is_listed_in_the_order_in_which_it_was_sent()
    {
        await _store.AddAsync([UnderWay("z") with { Batch = "b", Place = 0 }, UnderWay("a") with { Batch = "b", Place = 1 }, UnderWay("m") with { Batch = "other" }, Ended("gone", Now) with { Batch = "b", Place = 2 }]);
        Assert.Equal(["z", "a"], (await _store.ListAsync("b", Now)).Select(t => t.Id));
        Assert.Empty(await _store.ListAsync("none", Now));
    }

    [Fact]
    public async Task Work_is_renewed_by_whoever_does_it_and_who_hears_that_it_is_to_end()
    {
        await _store.AddAsync([UnderWay("a"), UnderWay("b"), UnderWay("other"), Ended("done", Now.AddHours(1))]);
        await _store.AskForEndAsync("b");
        await _store.AskForEndAsync("done");
        Assert.Equal([("a", false), ("b", true)], (await _store.RenewAsync(["a", "b", "done", "none"], Now.AddSeconds(5))).OrderBy(w => w.Key).Select(w => (w.Key, w.Value)));
        Assert.Equal(Now.AddSeconds(5), (await _store.FindAsync("a", Now))!.RenewedAt);
        Assert.Equal(Now, (await _store.FindAsync("other", Now))!.RenewedAt);
        await _store.DeleteAsync("a", Now);
        Assert.Equal(["b"], (await _store.RenewAsync(["a", "b"], Now)).Keys);
        Assert.Empty(await _store.RenewAsync([], Now));
        // As many as a node may have.
        await _store.AddAsync([.. Enumerable.Range(0, 500).Select(i => UnderWay($"many {i}"))]);
        Assert.Equal(500, (await _store.RenewAsync([.. Enumerable.Range(0, 500).Select(i => $"many {i}")], Now)).Count);
    }

    [Fact]
    public async Task What_has_ended_stays_as_it_ended()
    {
        await _store.AddAsync([UnderWay("a")]);
        Assert.True(await _store.AdvanceAsync("a", "cropping", 0.25, Now.AddSeconds(1)));
        Assert.Equal(("cropping", 0.25), (await _store.FindAsync("a", Now)) is { } under ? (under.State, under.Progress) : default);
        Assert.True(await _store.EndAsync("a", "done", "{}", Now.AddHours(1)));
        Assert.False(await _store.EndAsync("a", "failed", "{1}", Now.AddHours(2)));
        Assert.False(await _store.AdvanceAsync("a", "cropping", 0.5, Now));
        Assert.Equal(("done", "{}", 1.0, Now.AddHours(1)), (await _store.FindAsync("a", Now)) is { } ended ? (ended.State, ended.Document, ended.Progress, ended.ExpiresAt!.Value) : default);
        Assert.False(await _store.EndAsync("none", "done", "{}", Now));
    }

    [Fact]
    public async Task What_nobody_works_on_any_more_is_given_up()
    {
        await _store.AddAsync([
            UnderWay("mine"), UnderWay("mine, forgotten") with { RenewedAt = Now.AddSeconds(-31) }, UnderWay("my earlier process") with { Incarnation = "before" },
            UnderWay("alive") with { Node = "other", Incarnation = "o", RenewedAt = Now.AddSeconds(-29) }, UnderWay("dead") with { Node = "other", Incarnation = "p", RenewedAt = Now.AddSeconds(-31) },
            Ended("done", Now.AddHours(1)) with { Node = "other", RenewedAt = Now.AddDays(-1) },
        ]);
        Assert.Equal(3, await _store.GiveUpAsync("gone", "failed", Now.AddSeconds(-30), Now.AddHours(2), "node", "here"));
        Assert.Equal(["alive|queued", "dead|failed", "done|done", "mine|queued", "mine, forgotten|failed", "my earlier process|failed"], _database.Query("SELECT Id, State FROM Transcription ORDER BY Id"));
        Assert.Equal(("gone", Now.AddHours(2)), (await _store.FindAsync("dead", Now)) is { } dead ? (dead.Document, dead.ExpiresAt!.Value) : default);
    }

    [Fact]
    public async Task Many_at_once_are_all_kept()
    {
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => _store.AddAsync([Ended($"{i:00}", Now.AddHours(1))])));
        Assert.Equal(["40"], _database.Query("SELECT count(*) FROM Transcription"));
    }

    private static StoredTranscription UnderWay(string id) => new() { Id = id, State = "queued", Node = "node", Incarnation = "here", CreatedAt = Now.AddMinutes(-1), RenewedAt = Now };

    private static StoredTranscription Ended(string id, DateTimeOffset expires) => UnderWay(id) with { State = "done", Progress = 1, ExpiresAt = expires, Document = "{}" };
}

public sealed class SqliteTranscriptionStoreTests() : TranscriptionStoreTests(StorageProvider.Sqlite)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nothing_of_what_was_deleted_is_left_in_the_file_or_its_log_once_nobody_reads(bool someoneReads)
    {
        await using var database = new SqliteTestDatabase(Durability.ProcessKill);
        await database.MigrateAsync();
        using var open = new SqliteTranscriptions(database.Options);
        ITranscriptionStore store = new TranscriptionStore(open);
        var now = DateTimeOffset.UnixEpoch.AddYears(50);
        var said = string.Concat(Enumerable.Repeat("said in confidence; ", 500));
        foreach (var id in (string[])["a", "b"])
            await store.AddAsync([new StoredTranscription { Id = id, State = "done", Node = "n", Incarnation = "i", CreatedAt = now, RenewedAt = now, ExpiresAt = now.AddHours(1), Document = said }]);
        Assert.NotEmpty(Holding());
        using (var reader = new SqliteConnection($"Data Source={database.Options.Path};Pooling=False"))
        {
            if (someoneReads)
            {
                await reader.OpenAsync();
                using var begin = reader.CreateCommand();
                begin.CommandText = "BEGIN; SELECT COUNT(*) FROM Transcription";
                Assert.Equal(2L, begin.ExecuteScalar());
            }
            Assert.True(await store.DeleteAsync("a", now));
            Assert.Equal(1, await store.SweepAsync(now.AddHours(2)));
            // Whoever reads has the pages from before; nothing is held up by that.
            Assert.Equal(someoneReads, Holding().Count > 0);
        }
        Assert.Equal(0, await store.SweepAsync(now.AddHours(2)));
        Assert.Empty(Holding());

        List<string> Holding() => [.. Directory.EnumerateFiles(Path.GetDirectoryName(database.Options.Path)!, Path.GetFileName(database.Options.Path) + "*").Where(Holds)];

        static bool Holds(string path)
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var text = new StreamReader(file, System.Text.Encoding.Latin1);
            return text.ReadToEnd().Contains("said in confidence", StringComparison.Ordinal);
        }
    }
}

public sealed class PostgresTranscriptionStoreTests() : TranscriptionStoreTests(StorageProvider.PostgreSql);
