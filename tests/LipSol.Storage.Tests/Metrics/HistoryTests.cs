using LipSol.Contracts.Runs;
using LipSol.Grains.Ports;
using LipSol.Storage.Metrics;

namespace LipSol.Storage.Tests.Metrics;

/// <summary>A metric's course, whatever database it's on.</summary>
public abstract class HistoryTests(StorageProvider provider) : IAsyncLifetime
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

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Histories_are_what_the_points_say_however_they_were_written(int seed)
    {
        var random = new Random(seed);
        var points = new SortedDictionary<long, double>();
        long epoch = 0, step = 0, batch = 0;
        await NextEpochAsync();
        for (int b = 0; b < 80; b++)
        {
            // A later attempt begins again somewhere before; some batches come late, tell a step twice, or leave gaps of up to a level's bucket.
            if (random.Next(12) == 0)
            {
                await NextEpochAsync();
                step = random.NextInt64(0, step + 1);
            }
            long at = random.Next(8) == 0 ? random.NextInt64(0, step + 1) : step;
            List<MetricPoint> told = [];
            for (int i = random.Next(1, 400); i > 0; i--)
            {
                double value = random.Next(30) switch { 0 => double.NaN, 1 => double.PositiveInfinity, 2 => double.NegativeInfinity, _ => random.NextDouble() - 0.5 };
                told.Add(new MetricPoint("loss", at, value, default));
                points[at] = value;
                at += random.Next(20) switch { 0 => 0, 1 => random.NextInt64(1, 300_000), 2 => random.NextInt64(1, 5000), _ => 1 };
            }
            if (random.Next(10) == 0) foreach (long again in points.Keys.Take(3).ToArray()) told.Add(new MetricPoint("loss", again, points[again] = 9, default));
            await _store.AppendAsync("run", epoch, ++batch, [.. told, new MetricPoint("other", b, 1, default)], None);
            step = Math.Max(step, at);
            if (b % 20 == 19) await CheckAsync();
        }
        CheckRollups(points);

        async Task NextEpochAsync() => await _store.BeginEpochAsync("run", ++epoch, None);

        async Task CheckAsync()
        {
            for (int i = 0; i < 30; i++)
            {
                (long from, long to) = (random.NextInt64(0, step + 10), random.NextInt64(0, step + 10));
                if (i < 5) (from, to) = (0, long.MaxValue);
                int buckets = random.Next(2, 600);
                MetricHistory history = await _store.HistoryAsync("run", "loss", from, to, buckets, None);
                Assert.InRange(history.Buckets.Count, 0, buckets);
                Assert.Equal(BruteForce(points.Where(p => p.Key >= from && p.Key <= to), history.Width), history.Buckets);
            }
            MetricSummary summary = (await _store.SummariseAsync("run", None)).Metrics["loss"];
            Assert.Equal(new MetricSummary(points.Last().Value, points.Last().Key, points.Values.Aggregate(double.NaN, double.MinNumber), points.Values.Aggregate(double.NaN, double.MaxNumber)), summary);
        }
    }

    [Fact]
    public async Task Half_of_the_buckets_asked_for_are_there_at_least_where_the_points_reach_that_far()
    {
        await _store.BeginEpochAsync("run", 1, None);
        for (int b = 0; b < 20; b++)
            await _store.AppendAsync("run", 1, b, [.. Enumerable.Range(b * 5000, 5000).Select(s => new MetricPoint("loss", s, s, default))], None);
        foreach (int buckets in new[] { 2, 3, 100, 1000, 5000 })
            Assert.InRange((await _store.HistoryAsync("run", "loss", 0, long.MaxValue, buckets, None)).Buckets.Count, buckets / 2, buckets);
    }

    [Fact]
    public async Task A_metric_at_the_last_step_there_can_be_has_a_history()
    {
        await _store.BeginEpochAsync("run", 1, None);
        await _store.AppendAsync("run", 1, 1, [new MetricPoint("loss", 0, 1, default), new MetricPoint("loss", long.MaxValue, 2, default)], None);
        MetricHistory history = await _store.HistoryAsync("run", "loss", 0, long.MaxValue, 2, None);
        Assert.Equal([new MetricBucket(0, 0, 1, 0, 1, 1, 1), new MetricBucket(long.MaxValue, long.MaxValue, 1, 0, 2, 2, 2)], history.Buckets);
    }

    [Fact]
    public async Task What_has_no_points_has_an_empty_history()
    {
        await _store.BeginEpochAsync("run", 1, None);
        await _store.AppendAsync("run", 1, 1, [new MetricPoint("loss", 5, 1, default)], None);
        Assert.Empty((await _store.HistoryAsync("run", "none", 0, 10, 10, None)).Buckets);
        Assert.Empty((await _store.HistoryAsync("none", "loss", 0, 10, 10, None)).Buckets);
        Assert.Empty((await _store.HistoryAsync("run", "loss", 6, 10, 10, None)).Buckets);
        Assert.Empty((await _store.HistoryAsync("run", "loss", 0, 4, 10, None)).Buckets);
        Assert.Empty((await _store.HistoryAsync("run", "loss", 7, 3, 10, None)).Buckets);
    }

    [Fact]
    public async Task A_batch_that_is_undone_leaves_nothing_in_the_history()
    {
        await _store.BeginEpochAsync("run", 1, None);
        await Assert.ThrowsAnyAsync<Exception>(() => _store.AppendAsync("run", 1, 1, [new MetricPoint("loss", 1, 1, default), new MetricPoint(null!, 1, 1, default)], None));
        Assert.Empty((await _store.HistoryAsync("run", "loss", 0, 10, 10, None)).Buckets);
        await _store.AppendAsync("run", 1, 1, [new MetricPoint("loss", 1, 1, default)], None);
        Assert.Equal(1, Assert.Single((await _store.HistoryAsync("run", "loss", 0, 10, 10, None)).Buckets).Points);
    }

    [Fact]
    public async Task A_run_that_is_deleted_leaves_no_row_and_others_stay()
    {
        foreach (string run in new[] { "run", "stays" })
        {
            await _store.BeginEpochAsync(run, 1, None);
            for (int b = 0; b < 3; b++) await _store.AppendAsync(run, 1, b, [.. Enumerable.Range(b * 15_000, 15_000).Select(s => new MetricPoint("loss", s, s, default))], None);
        }
        await _store.DeleteAsync("run", None);
        await _store.DeleteAsync("run", None);
        Assert.Empty(await _store.ReadAsync("run", null, 10, None));
        Assert.Equal(["45000|1|3"], _database.Query("SELECT (SELECT count(*) FROM MetricPoint), (SELECT count(*) FROM MetricRun), (SELECT count(*) FROM MetricBatch)"));
        Assert.Equal(45_000, (await _store.HistoryAsync("stays", "loss", 0, long.MaxValue, 10, None)).Buckets.Sum(b => b.Points));
        Assert.Equal(["704|11|1"], _database.Query("SELECT count(*) FILTER (WHERE Level = 0), count(*) FILTER (WHERE Level = 1), count(*) FILTER (WHERE Level = 2) FROM MetricRollup"));
    }

    [Fact]
    public async Task Points_are_read_in_pages_by_name_and_step()
    {
        await _store.BeginEpochAsync("run", 1, None);
        MetricPoint[] all = [.. from name in new[] { "a", "ب", "𝔸", "￼" }.Order(StringComparer.Ordinal) from step in Enumerable.Range(0, 7) select new MetricPoint(name, step * 3, step, default)];
        await _store.AppendAsync("run", 1, 1, all, None);
        List<MetricPoint> read = [];
        while (true)
        {
            List<MetricPoint> page = await _store.ReadAfterAsync("run", null, read.Count == 0 ? "" : read[^1].Name, read.Count == 0 ? -1 : read[^1].Step, 5, None);
            if (page.Count == 0) break;
            read.AddRange(page);
        }
        Assert.Equal(all, read);
        Assert.Equal(all.Where(p => p.Name == "ب").Skip(2), await _store.ReadAfterAsync("run", "ب", "ب", 3, 100, None));
    }

    private static IEnumerable<MetricBucket> BruteForce(IEnumerable<KeyValuePair<long, double>> points, long width) =>
        from point in points
        group point by point.Key / width into bucket
        select new MetricBucket(bucket.First().Key, bucket.Last().Key, bucket.Count(), bucket.Count(p => double.IsNaN(p.Value)),
            bucket.Aggregate(double.NaN, (m, p) => double.MinNumber(m, p.Value)), bucket.Aggregate(double.NaN, (m, p) => double.MaxNumber(m, p.Value)), bucket.Last().Value);

    // Every row that is kept, not only those that a history happens to read.
    private void CheckRollups(SortedDictionary<long, double> points)
    {
        for (int level = 0; level <= RollupLevels.Coarsest; level++)
        {
            IEnumerable<string> expected = BruteForce(points, 1L << RollupLevels.BitsOf(level)).Select(b => $"{b.FirstStep}|{b.LastStep}|{b.Points}|{b.NotNumbers}|{Text(b.Minimum)}|{Text(b.Maximum)}|{Text(b.Last)}");
            Assert.Equal(expected, _database.Query($"SELECT FirstStep, LastStep, Points, NotNumbers, Minimum, Maximum, Last FROM MetricRollup r JOIN MetricName n ON n.NameKey = r.NameKey WHERE n.Name = 'loss' AND Level = {level} ORDER BY Bucket").Select(row => row.Replace("NaN", "", StringComparison.Ordinal)));
        }

        static string Text(double value) => double.IsNaN(value) ? "" : value.ToString(System.Globalization.CultureInfo.CurrentCulture);
    }
}

public sealed class SqliteHistoryTests() : HistoryTests(StorageProvider.Sqlite);

public sealed class PostgresHistoryTests() : HistoryTests(StorageProvider.PostgreSql);
