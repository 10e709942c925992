using System.Diagnostics;
using LipSol.Benchmarks.MetricStore;
using LipSol.Benchmarks.Running;
using LipSol.Contracts.Runs;
using LipSol.Storage;
using LipSol.Testing.Postgres;

namespace LipSol.Benchmarks.History;

/// <summary>The run history at size: 10,000 runs with 10 million points. Pages of searches, a metric of a million points for drawing, and writing, each through the grains; on SQLite, and on PostgreSQL where it's installed.</summary>
internal sealed class HistoryBenchmark : IBenchmark
{
    private const double LongestPage = 50, LongestDrawing = 30, LeastPoints = 100_000;
    private const int PagesEachRepetition = 20, WarmUp = 5, Buckets = 1000, BatchSize = 1000, BatchesEachRepetition = 100, RunsAtOnce = 8, LaterPage = 40;

    private static readonly (string What, RunSearch Search)[] Searches =
    [
        ("newest first", new RunSearch()),
        ("param AND tag", new RunSearch { Where = "params.learning_rate = 0.001 AND tags.purpose = 'baseline'" }),
        ("OR, NOT, parentheses over all kinds", new RunSearch { Where = "(params.batch_size >= 32 OR tags.owner = 'ayesha') AND NOT (status = 'failed' OR metrics.val_loss > 0.4) AND network LIKE 'word%'" }),
        ("ordered by a metric's last value", new RunSearch { OrderBy = "metrics.val_wer asc" }),
        ("ordered by a metric's best (min)", new RunSearch { OrderBy = "metrics.val_wer.min asc" }),
        ("ordered by a metric's best (max)", new RunSearch { OrderBy = "metrics.val_accuracy.max desc" }),
        ("filtered, ordered by best (min), counted", new RunSearch { Where = "metrics.val_accuracy.max > 0.7 AND params.epochs < 100", OrderBy = "metrics.val_wer.min asc", Count = true }),
        ($"page {LaterPage} by best (max)", new RunSearch { OrderBy = "metrics.val_accuracy.max desc" }),
    ];

    public string Name => "history";

    public string About => $"{SeededRuns.Count:N0} runs with {SeededRuns.Points / 1_000_000} M points: search pages, drawing 1 M points, writing through the grain; on SQLite and PostgreSQL, against bare statements";

    public async Task<BenchmarkReport> RunAsync(BenchmarkRun run)
    {
        List<Measured> figures = [];
        List<Ratio> ratios = [];
        // Not in the temporary folder: that may lie in memory, where a sync costs nothing.
        var folder = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "history-" + Guid.NewGuid().ToString("n")));
        try
        {
            await MeasureAsync("SQLite", new StorageOptions { Path = Path.Combine(folder.FullName, "lipsol.db") }, LeastPoints, run, figures, ratios);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
        if (PostgresServer.WhyNot is { } reason)
        {
            run.Say($"history: only SQLite was measured. {reason}");
            return new BenchmarkReport(Name, figures, ratios);
        }
        await using var server = await PostgresServer.StartAsync(syncs: true);
        await MeasureAsync("PostgreSQL", new StorageOptions { Provider = StorageProvider.PostgreSql, ConnectionString = server.ConnectionString(await server.CreateDatabaseAsync()) }, null, run, figures, ratios);
        return new BenchmarkReport(Name, figures, ratios);
    }

    private static async Task MeasureAsync(string database, StorageOptions storage, double? leastPoints, BenchmarkRun run, List<Measured> figures, List<Ratio> ratios)
    {
        await using var silo = await HistorySilo.StartAsync(storage);
        run.Say($"history: {database}: seeding {SeededRuns.Count:N0} runs with {SeededRuns.Points:N0} points");
        var seeding = Stopwatch.GetTimestamp();
        await Seeding.FillAsync(silo, database, run);
        run.Say($"history: {database}: seeded in {Stopwatch.GetElapsedTime(seeding).TotalSeconds:0} s");
        await using var bare = await BareDatabase.OpenAsync(storage);
        await PagesAsync(database, silo, bare, run, figures);
        await DrawingAsync(database, silo, bare, run, figures, ratios);
        await WritingAsync(database, silo, bare, leastPoints, run, figures, ratios);
    }

    private static async Task PagesAsync(string database, HistorySilo silo, BareDatabase bare, BenchmarkRun run, List<Measured> figures)
    {
        var later = await BehindAsync(silo, Searches[^1].Search, LaterPage - 1);
        (string What, RunSearch Search)[] searches = [.. Searches.SkipLast(1), (Searches[^1].What, later)];
        List<(string What, double? AtMost, List<double> Times, Func<Task<long>> Work)> pages =
        [
            .. searches.Select(s => (s.What, (double?)LongestPage, new List<double>(), (Func<Task<long>>)(async () => (await silo.History.SearchAsync(s.Search)).Runs.Count))),
            ("reference: bare SELECT of 100 records by key", null, [], bare.ReadRecordsAsync),
        ];
        foreach (var page in pages)
        {
            for (var i = 0; i < WarmUp; i++)
                if (await page.Work() != 100) throw new BenchmarkDataException($"The search '{page.What}' doesn't find 100 runs among the seeded ones.");
        }
        for (var r = 0; r < run.Repetitions; r++)
        {
            run.Say($"history: {database}: pages, {r + 1} of {run.Repetitions}");
            foreach (var page in pages)
                for (var i = 0; i < PagesEachRepetition; i++) page.Times.Add(await MillisecondsAsync(page.Work, run));
        }
        figures.AddRange(pages.Select(p => Measured.Of($"{database}: page of 100, {p.What}", p.Times, "ms") with { AtMost = p.AtMost }));
    }

    private static async Task<RunSearch> BehindAsync(HistorySilo silo, RunSearch search, int pages)
    {
        for (var i = 0; i < pages; i++) search = search with { After = (await silo.History.SearchAsync(search)).Next };
        return search;
    }

    private static async Task DrawingAsync(string database, HistorySilo silo, BareDatabase bare, BenchmarkRun run, List<Measured> figures, List<Ratio> ratios)
    {
        List<double> drawn = [], read = [];
        async Task<long> DrawAsync() => (await silo.History.GetMetricHistoryAsync(SeededRuns.LongRun, SeededRuns.LongMetric, 0, long.MaxValue, Buckets)).Buckets.Sum(b => b.Points);
        for (var i = 0; i < WarmUp; i++)
            if (await DrawAsync() != SeededRuns.LongSteps) throw new BenchmarkDataException("The long metric isn't whole.");
        for (var r = 0; r < run.Repetitions; r++)
        {
            run.Say($"history: {database}: drawing, {r + 1} of {run.Repetitions}");
            for (var i = 0; i < PagesEachRepetition; i++) drawn.Add(await MillisecondsAsync(DrawAsync, run));
            read.Add(await MillisecondsAsync(bare.ReadLongMetricAsync, run));
        }
        figures.Add(Measured.Of($"{database}: 1 M points of a metric for drawing, {Buckets:N0} buckets", drawn, "ms") with { AtMost = LongestDrawing });
        figures.Add(Measured.Of($"{database}: reference: bare SELECT of the 1 M points", read, "ms"));
        ratios.Add(new Ratio($"{database}: bare SELECT of the points / drawing", Statistics.Median(read) / Statistics.Median(drawn)));
    }

    private static async Task WritingAsync(string database, HistorySilo silo, BareDatabase bare, double? least, BenchmarkRun run, List<Measured> figures, List<Ratio> ratios)
    {
        var runs = Enumerable.Range(0, RunsAtOnce).Select(i => $"written{i}").ToArray();
        var appended = new long[RunsAtOnce];
        foreach (var id in runs)
        {
            await silo.Run(id).CreateAsync(SeededRuns.Record(1).Spec);
            await silo.Run(id).BeginAttemptAsync(1, "node0", 2);
        }
        // As a worker does: the next batch only once the one before is acknowledged.
        async Task<long> AppendAsync(int of, int batches)
        {
            for (var b = 0; b < batches; b++)
            {
                run.CancellationToken.ThrowIfCancellationRequested();
                var batch = ++appended[of];
                await silo.Run(runs[of]).AppendMetricsAsync(1, batch, [.. MetricPoints.Make(batch, BatchSize)]);
            }
            return (long)batches * BatchSize;
        }

        List<double> one = [], many = [], plain = [];
        await AppendAsync(0, WarmUp);
        await bare.AppendAsync(BatchSize, WarmUp);
        for (var r = 0; r < run.Repetitions; r++)
        {
            run.Say($"history: {database}: writing, {r + 1} of {run.Repetitions}");
            plain.Add(await Statistics.RateAsync(() => bare.AppendAsync(BatchSize, BatchesEachRepetition)));
            one.Add(await Statistics.RateAsync(() => AppendAsync(0, BatchesEachRepetition)));
            many.Add(await Statistics.RateAsync(async () => (await Task.WhenAll(Enumerable.Range(0, RunsAtOnce).Select(i => Task.Run(() => AppendAsync(i, BatchesEachRepetition / 4))))).Sum()));
        }
        figures.Add(Measured.Of($"{database}: writing batches of {BatchSize:N0} through the grain, one run", one, "points/s") with { AtLeast = least });
        figures.Add(Measured.Of($"{database}: the same, {RunsAtOnce} runs at once", many, "points/s") with { AtLeast = least });
        figures.Add(Measured.Of($"{database}: reference: {bare.Writes}", plain, "points/s"));
        ratios.Add(new Ratio($"{database}: writing through the grain / {bare.Writes}", Statistics.Median(one.Zip(plain, (a, b) => a / b))));
    }

    private static async Task<double> MillisecondsAsync(Func<Task<long>> work, BenchmarkRun run)
    {
        run.CancellationToken.ThrowIfCancellationRequested();
        var start = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
