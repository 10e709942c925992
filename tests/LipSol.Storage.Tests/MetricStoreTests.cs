using LipSol.Contracts.Runs;
using LipSol.Grains.Ports;

namespace LipSol.Storage.Tests;

/// <summary>What a metric store promises, whatever database it's on.</summary>
public abstract class MetricStoreTests(StorageProvider provider) : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private TemporaryDatabase _database = null!;
    private IMetricStore _store = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await TemporaryDatabase.CreateAsync(provider);
        _store = _database.OpenMetrics();
    }

    public async ValueTask DisposeAsync()
    {
        if (_database is not null) await _database.DisposeAsync();
    }

    [Fact]
    public async Task A_batch_that_is_repeated_changes_nothing()
    {
        await _store.BeginEpochAsync("run", 1, None);
        Assert.Equal(new AppendedBatch(1, false), await _store.AppendAsync("run", 1, 1, Points("loss", 0, 3), None));
        Assert.Equal(new AppendedBatch(2, false), await _store.AppendAsync("run", 1, 2, Points("loss", 3, 3), None));
        Assert.True((await _store.AppendAsync("run", 1, 1, Points("loss", 100, 3), None)).Repeated);
        Assert.Equal([0, 1, 2, 3, 4, 5], (await _store.ReadAsync("run", "loss", 100, None)).Select(p => p.Step));
        Assert.Equal(["1|1|1", "1|2|2"], _database.Query("SELECT Epoch, Batch, Cursor FROM MetricBatch"));
    }

    [Fact]
    public async Task A_stale_epoch_writes_nothing()
    {
        await Assert.ThrowsAsync<StaleLeaseException>(() => _store.AppendAsync("run", 1, 1, Points("loss", 0, 1), None));
        await _store.BeginEpochAsync("run", 3, None);
        await _store.BeginEpochAsync("run", 3, None);
        await _store.AppendAsync("run", 3, 1, Points("loss", 0, 1), None);
        await _store.BeginEpochAsync("run", 7, None);

        await Assert.ThrowsAsync<StaleLeaseException>(() => _store.AppendAsync("run", 3, 1, Points("loss", 0, 1), None));
        await Assert.ThrowsAsync<StaleLeaseException>(() => _store.AppendAsync("run", 3, 2, Points("loss", 1, 1), None));
        await Assert.ThrowsAsync<StaleLeaseException>(() => _store.AppendAsync("run", 8, 1, Points("loss", 1, 1), None));
        await Assert.ThrowsAsync<StaleLeaseException>(() => _store.BeginEpochAsync("run", 3, None));
        await _store.EndEpochAsync("run", 3, None);
        Assert.False((await _store.AppendAsync("run", 7, 1, Points("loss", 1, 1), None)).Repeated);
        Assert.Equal(2, (await _store.ReadAsync("run", null, 100, None)).Count);
    }

    [Fact]
    public async Task An_epoch_that_has_ended_takes_no_new_batch_and_acknowledges_the_old_ones_again()
    {
        await _store.BeginEpochAsync("run", 1, None);
        await _store.AppendAsync("run", 1, 1, Points("loss", 0, 1), None);
        await _store.EndEpochAsync("run", 1, None);
        Assert.True((await _store.AppendAsync("run", 1, 1, Points("loss", 0, 1), None)).Repeated);
        await Assert.ThrowsAsync<StaleLeaseException>(() => _store.AppendAsync("run", 1, 2, Points("loss", 1, 1), None));
        await Assert.ThrowsAsync<StaleLeaseException>(() => _store.BeginEpochAsync("run", 1, None));
    }

    [Fact]
    public async Task A_later_attempt_takes_the_place_of_what_an_earlier_one_wrote_at_the_same_step()
    {
        await _store.BeginEpochAsync("run", 1, None);
        await _store.AppendAsync("run", 1, 1, Points("loss", 0, 4, value: 9), None);
        await _store.BeginEpochAsync("run", 2, None);
        await _store.AppendAsync("run", 2, 1, Points("loss", 2, 2, value: 1), None);
        Assert.Equal([9, 9, 1, 1], (await _store.ReadAsync("run", "loss", 100, None)).Select(p => p.Value));
        StoredPoints all = await _store.ReadSinceAsync("run", 0, None);
        Assert.Equal(2, all.Cursor);
        Assert.Equal([0, 1, 2, 3], all.Batches.SelectMany(b => b.Points).Select(p => p.Step));
        Assert.Equal([2, 3], Assert.Single((await _store.ReadSinceAsync("run", 1, None)).Batches).Points.Select(p => p.Step));
        Assert.Empty((await _store.ReadSinceAsync("run", 2, None)).Batches);
        Assert.Equal(new MetricSummary(1, 3, 1, 9), (await _store.SummariseAsync("run", None)).Metrics["loss"]);
    }

    [Fact]
    public async Task Values_times_and_names_come_back_as_they_were()
    {
        var time = new DateTimeOffset(2026, 11, 24, 3, 2, 1, TimeSpan.Zero).AddTicks(1234567);
        MetricPoint[] points =
        [
            new("accuracy'; DROP TABLE MetricPoint; --", 0, 0.1, time), new("loss", long.MaxValue, double.NaN, time), new("loss", 0, double.NegativeInfinity, time),
            new("loss", 1, double.Epsilon, time), new("درستگی", 0, -0.0, time),
        ];
        await _store.BeginEpochAsync("run", 1, None);
        await _store.AppendAsync("run", 1, 1, points, None);
        List<MetricPoint> read = await _store.ReadAsync("run", null, 100, None);
        Assert.Equal(points.OrderBy(p => p.Name, StringComparer.Ordinal).ThenBy(p => p.Step), read);
        Assert.Equal(2, (await _store.ReadAsync("run", null, 2, None)).Count);
        Assert.Empty(await _store.ReadAsync("another", null, 100, None));
        MetricSummary loss = (await _store.SummariseAsync("run", None)).Metrics["loss"];
        Assert.Equal((double.NegativeInfinity, double.Epsilon, double.NaN), (loss.Minimum, loss.Maximum, loss.Last));
    }

    [Fact]
    public async Task Appends_from_two_stores_on_one_database_are_all_there_once()
    {
        const int runs = 4, batches = 50;
        IMetricStore other = _database.OpenMetrics();
        for (int run = 0; run < runs; run++) await _store.BeginEpochAsync($"run-{run}", 1, None);
        // Both stores send every batch, as two activations of one run would after a timeout.
        int fresh = 0;
        await Task.WhenAll(
            from store in new[] { _store, other }
            from run in Enumerable.Range(0, runs)
            select Task.Run(async () =>
            {
                for (int batch = 0; batch < batches; batch++)
                    if (!(await store.AppendAsync($"run-{run}", 1, batch, Points("loss", batch * 10, 10), None)).Repeated) Interlocked.Increment(ref fresh);
            }));
        Assert.Equal(runs * batches, fresh);
        for (int run = 0; run < runs; run++)
        {
            StoredPoints all = await other.ReadSinceAsync($"run-{run}", 0, None);
            Assert.Equal(Enumerable.Range(1, batches).Select(c => (long)c), all.Batches.Select(b => b.Cursor));
            Assert.Equal(batches * 10, all.Batches.Sum(b => b.Points.Count));
        }
    }

    [Fact]
    public async Task A_bad_batch_fails_alone()
    {
        await _store.BeginEpochAsync("run", 1, None);
        await _store.BeginEpochAsync("other", 1, None);
        Task<AppendedBatch>[] appends =
        [
            .. Enumerable.Range(1, 20).Select(b => _store.AppendAsync("run", 1, b, Points("loss", b, 1), None)),
            _store.AppendAsync("other", 1, 1, [new MetricPoint("loss", 0, 1, default), new MetricPoint(null!, 1, 1, default)], None),
            _store.AppendAsync("none", 1, 1, Points("loss", 0, 1), None),
            .. Enumerable.Range(21, 20).Select(b => _store.AppendAsync("run", 1, b, Points("loss", b, 1), None)),
        ];
        await Assert.ThrowsAnyAsync<Exception>(() => appends[20]);
        await Assert.ThrowsAsync<StaleLeaseException>(() => appends[21]);
        foreach (Task<AppendedBatch> append in appends.Where((_, i) => i is not (20 or 21))) Assert.False((await append).Repeated);
        Assert.Empty(await _store.ReadAsync("other", null, 100, None));
        Assert.False((await _store.AppendAsync("other", 1, 1, Points("fresh name", 0, 1), None)).Repeated);
        Assert.Equal(40, (await _store.ReadAsync("run", null, 100, None)).Count);
    }

    internal static MetricPoint[] Points(string name, int from, int count, double value = 0.5) =>
        [.. Enumerable.Range(from, count).Select(i => new MetricPoint(name, i, value, DateTimeOffset.UnixEpoch.AddSeconds(i)))];
}

public sealed class SqliteMetricStoreTests() : MetricStoreTests(StorageProvider.Sqlite);

public sealed class PostgresMetricStoreTests() : MetricStoreTests(StorageProvider.PostgreSql);
