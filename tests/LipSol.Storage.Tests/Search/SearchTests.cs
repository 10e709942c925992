using LipSol.Contracts.Runs;
using LipSol.Grains.Runs.Search;

namespace LipSol.Storage.Tests.Search;

/// <summary>What a search finds, whatever database it's on.</summary>
public abstract class SearchTests(StorageProvider provider) : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private TemporaryDatabase _database = null!;

    public async ValueTask InitializeAsync() => _database = await TemporaryDatabase.CreateAsync(provider);

    public async ValueTask DisposeAsync()
    {
        if (_database is not null) await _database.DisposeAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Searches_find_what_their_meaning_says(int seed)
    {
        var random = new RandomSearches(seed);
        List<RunRecord> runs = [.. Enumerable.Range(0, 60).Select(random.Run)];
        foreach (RunRecord run in runs) await _database.Index.PutAsync(run, 1, None);
        int found = 0, left = 0;
        for (int i = 0; i < 600; i++)
        {
            RandomSearch search = random.Search();
            string[] expected = [.. runs.Where(search.Holds).Select(r => r.Id).Order(StringComparer.Ordinal)];
            RunPage page = await SearchAsync(search.Text, "id");
            Assert.True(expected.SequenceEqual(page.Runs.Select(r => r.Id)), $"{search.Text}\nexpected {string.Join(' ', expected)}\nfound    {string.Join(' ', page.Runs.Select(r => r.Id))}");
            Assert.Equal(expected.Length, page.Total);
            found += expected.Length;
            left += runs.Count - expected.Length;
        }
        // Neither of the two answers is what one gets by saying nothing.
        Assert.True(found > 3000 && left > 3000, $"{found} found, {left} left");
    }

    [Theory]
    [InlineData("metrics.val_wer.min asc, created desc")]
    [InlineData("metrics.loss.max DESC, seed, name")]
    [InlineData("params.loss desc, duration")]
    [InlineData("ended, tags.`a.b`, metrics.loss desc")]
    [InlineData("status, node desc")]
    [InlineData("")]
    public async Task Pages_together_hold_every_run_once_in_order_with_those_that_lack_the_key_last(string orderBy)
    {
        var random = new RandomSearches(11);
        List<RunRecord> runs = [.. Enumerable.Range(0, 120).Select(random.Run)];
        foreach (RunRecord run in runs) await _database.Index.PutAsync(run, 1, None);
        string[] expected = [.. Ordered(runs, orderBy).Select(r => r.Id)];

        List<string> paged = [];
        string? after = null;
        do
        {
            RunPage page = await _database.Index.SearchAsync(new RunSelection { Order = RunSearchParser.ParseOrder(orderBy), Take = 7, After = after }, None);
            Assert.InRange(page.Runs.Count, 1, 7);
            paged.AddRange(page.Runs.Select(r => r.Id));
            after = page.Next;
        }
        while (after is not null);
        Assert.Equal(expected, paged);

        RunPage skipped = await _database.Index.SearchAsync(new RunSelection { Order = RunSearchParser.ParseOrder(orderBy), Skip = 50, Take = 20 }, None);
        Assert.Equal(expected.Skip(50).Take(20), skipped.Runs.Select(r => r.Id));
    }

    [Fact]
    public async Task Runs_that_come_and_go_between_two_pages_move_nothing()
    {
        var random = new RandomSearches(12);
        for (int i = 0; i < 30; i++) await _database.Index.PutAsync(random.Run(i) with { CreatedAt = RandomSearches.Now.AddMinutes(-i) }, 1, None);
        RunPage first = await _database.Index.SearchAsync(new RunSelection { Take = 10 }, None);
        await _database.Index.PutAsync(random.Run(99) with { CreatedAt = RandomSearches.Now.AddHours(1) }, 1, None);
        await _database.Index.RemoveAsync("run004", None);
        RunPage second = await _database.Index.SearchAsync(new RunSelection { Take = 10, After = first.Next }, None);
        Assert.Equal(Enumerable.Range(10, 10).Select(i => $"run{i:000}"), second.Runs.Select(r => r.Id));
    }

    [Theory]
    [InlineData("")]
    [InlineData("?")]
    [InlineData("bm9uZQ==")]
    [InlineData("WyJ4Il0=")]
    [InlineData("WyJsMTsgRFJPUCBUQUJMRSBSdW5JbmRleCIsInQiXQ==")]
    [InlineData("W251bGwsbnVsbF0=")]
    public async Task A_place_that_no_page_gave_is_refused(string after) =>
        await Assert.ThrowsAsync<RefusedException>(() => _database.Index.SearchAsync(new RunSelection { After = after }, None));

    [Fact]
    public async Task What_people_write_is_never_taken_for_sql()
    {
        await _database.Index.PutAsync(new RandomSearches(1).Run(1), 1, None);
        foreach (string text in new[]
        {
            "params.`x'; DROP TABLE RunIndex; --` = 'y'", "tags.a = '''; DELETE FROM RunIndex; --'", "name LIKE '%'' OR 1=1 --'", "experiment IN ('a''); DROP TABLE RunIndex; --')",
            "metrics.`\"` IS NULL AND name = ''''",
        })
        {
            await SearchAsync(text, "params.`x' DESC; DROP TABLE RunIndex; --`");
            Assert.Equal(["1"], _database.Query("SELECT count(*) FROM RunIndex"));
        }
    }

    [Fact]
    public async Task The_largest_search_that_is_read_is_also_carried_out()
    {
        await _database.Index.PutAsync(new RandomSearches(1).Run(1), 1, None);
        string list = string.Join(", ", Enumerable.Range(0, RunSearchParser.MostValues).Select(i => $"'{i % 9}'"));
        string deep = new string('(', RunSearchParser.Deepest - 1) + $"params.loss IN ({list})" + new string(')', RunSearchParser.Deepest - 1);
        Assert.Equal(0, (await SearchAsync(deep + " AND name = 'no'", "id")).Total);
        string wide = string.Join(" OR ", Enumerable.Range(0, RunSearchParser.MostConditions).Select(i => $"NOT NOT metrics.m{i} > {i}"));
        Assert.Equal(0, (await SearchAsync(wide, string.Join(", ", Enumerable.Range(0, RunSearchParser.MostKeys).Select(i => $"params.p{i} desc")))).Total);
    }

    [Fact]
    public async Task Deleted_runs_are_hidden_unless_asked_for()
    {
        RunRecord run = new RandomSearches(1).Run(1);
        await _database.Index.PutAsync(run with { DeletedAt = RandomSearches.Now }, 2, None);
        await _database.Index.PutAsync(run with { Id = "stays" }, 1, None);
        Assert.Equal(["stays"], await FindAsync(DeletedRuns.Hidden));
        Assert.Equal(["run001"], await FindAsync(DeletedRuns.Only));
        Assert.Equal(["run001", "stays"], await FindAsync(DeletedRuns.Included));
        Assert.Equal(["stays"], (await _database.Index.ListAsync(new RunQuery(null, null, 0, 10), None)).Select(r => r.Id));
        Assert.Equal(1, Assert.Single(await _database.Index.ListExperimentsAsync(None)).Runs);
        Assert.Equal(RandomSearches.Now, (await _database.Index.SearchAsync(new RunSelection { Deleted = DeletedRuns.Only }, None)).Runs[0].DeletedAt);

        async Task<IEnumerable<string>> FindAsync(DeletedRuns deleted) =>
            (await _database.Index.SearchAsync(new RunSelection { Deleted = deleted, Order = RunSearchParser.ParseOrder("id") }, None)).Runs.Select(r => r.Id);
    }

    [Fact]
    public async Task A_removed_run_leaves_no_row()
    {
        await _database.Index.PutAsync(new RandomSearches(5).Run(1) with { Checkpoints = [new Checkpoint("c", 1, 1, default)] }, 1, None);
        await _database.Index.RemoveAsync("run001", None);
        await _database.Index.RemoveAsync("run001", None);
        Assert.Equal(["0"], _database.Query("SELECT (SELECT count(*) FROM RunIndex) + (SELECT count(*) FROM RunIndexRecord) + (SELECT count(*) FROM RunParam) + (SELECT count(*) FROM RunTag) + (SELECT count(*) FROM RunMetric) + (SELECT count(*) FROM RunArtifact)"));
    }

    [Fact]
    public async Task A_record_that_is_written_again_is_found_by_what_it_is_now()
    {
        RunRecord run = new RandomSearches(5).Run(1) with { Metrics = new() { ["loss"] = new MetricSummary(1, 0, 1, 1) }, Tags = new() { ["who"] = "a" }, Status = RunStatus.Running, Checkpoints = [new Checkpoint("c1", 1, 1, default)] };
        await _database.Index.PutAsync(run, 1, None);
        await _database.Index.PutAsync(run with { Metrics = new() { ["wer"] = new MetricSummary(2, 0, 2, 2) }, Tags = new() { ["who"] = "b" }, Status = RunStatus.Completed, Checkpoints = [new Checkpoint("c2", 2, 1, default)] }, 2, None);
        Assert.Equal(1, (await SearchAsync("metrics.wer = 2 AND metrics.loss IS NULL AND tags.who = 'b' AND status = 'completed'", "")).Total);
        Assert.False(await _database.Index.IsReferredToAsync("c1", "another", None));
        Assert.True(await _database.Index.IsReferredToAsync("c2", "another", None));
        Assert.False(await _database.Index.IsReferredToAsync("c2", "run001", None));
    }

    private Task<RunPage> SearchAsync(string where, string orderBy) => _database.Index.SearchAsync(
        RunSelections.Of(new RunSearch { Where = where, OrderBy = orderBy, Take = 1000, Count = true }, RandomSearches.Now), None);

    // Each key once more in plain C#: null comes last whatever the direction.
    private static IEnumerable<RunRecord> Ordered(IEnumerable<RunRecord> runs, string orderBy)
    {
        (Func<RunRecord, IComparable?> Key, bool Descending)[] keys = orderBy switch
        {
            "metrics.val_wer.min asc, created desc" => [(r => Number(r, "val_wer", m => m.Minimum), false), (r => r.CreatedAt.UtcTicks, true)],
            "metrics.loss.max DESC, seed, name" => [(r => Number(r, "loss", m => m.Maximum), true), (r => r.Spec.Seed, false), (r => new Ordinal(r.Spec.Name), false)],
            "params.loss desc, duration" =>
            [
                (r => r.Spec.Parameters.TryGetValue("loss", out string? t) ? RandomSearches.AsNumber(t) : null, true),
                (r => r.Spec.Parameters.TryGetValue("loss", out string? t) ? new Ordinal(t) : null, true), (r => (r.EndedAt - r.StartedAt)?.Ticks, false),
            ],
            "ended, tags.`a.b`, metrics.loss desc" =>
            [
                (r => r.EndedAt?.UtcTicks, false), (r => Tag(r, "a.b") is { } t ? RandomSearches.AsNumber(t) : null, false), (r => Tag(r, "a.b") is { } t ? new Ordinal(t) : null, false),
                (r => Number(r, "loss", m => m.Last), true),
            ],
            "status, node desc" => [(r => (int)r.Status, false), (r => r.Node is null ? null : new Ordinal(r.Node), true)],
            _ => [(r => r.CreatedAt.UtcTicks, true)],
        };
        var ordered = runs.Order(Comparer<RunRecord>.Create((a, b) =>
        {
            foreach ((Func<RunRecord, IComparable?> key, bool descending) in keys)
            {
                (IComparable? x, IComparable? y) = (key(a), key(b));
                int order = x is null || y is null ? (x is null).CompareTo(y is null) : descending ? y.CompareTo(x) : x.CompareTo(y);
                if (order != 0) return order;
            }
            return keys[^1].Descending ? string.CompareOrdinal(b.Id, a.Id) : string.CompareOrdinal(a.Id, b.Id);
        }));
        return ordered;
    }

    private static IComparable? Number(RunRecord run, string name, Func<MetricSummary, double> value) =>
        run.Metrics.TryGetValue(name, out MetricSummary m) && !double.IsNaN(value(m)) ? value(m) : null;

    private static string? Tag(RunRecord run, string name) => run.Tags.GetValueOrDefault(name) ?? run.Spec.Tags.GetValueOrDefault(name);

    private sealed record Ordinal(string Text) : IComparable
    {
        public int CompareTo(object? other) => string.CompareOrdinal(Text, ((Ordinal)other!).Text);
    }
}

public sealed class SqliteSearchTests() : SearchTests(StorageProvider.Sqlite);

public sealed class PostgresSearchTests() : SearchTests(StorageProvider.PostgreSql);
