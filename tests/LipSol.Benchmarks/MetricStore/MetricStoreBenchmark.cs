using LipSol.Benchmarks.Running;
using LipSol.Contracts.Runs;
using LipSol.Storage;
using LipSol.Storage.Metrics;
using LipSol.Storage.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace LipSol.Benchmarks.MetricStore;

/// <summary>Metric points a second into the store, each batch acknowledged only once it is on the disk; against bare INSERTs in one transaction a batch.</summary>
internal sealed class MetricStoreBenchmark : IBenchmark
{
    private const int Runs = 32;

    /// <summary>A disk's sync times drift by the second, so the two take short turns.</summary>
    private const int TurnsEachRepetition = 4;

    /// <summary>Batches of 1000 points before the clock starts: a sync costs more while the write-ahead log still grows.</summary>
    private const int WarmBatches = 60;

    private static readonly (int Size, int BatchesEachTurn)[] Shapes = [(1, 50), (100, 25), (1000, 10)];

    public string Name => "metric-store";

    public string About => "acknowledged metric points a second by batch size, against bare INSERTs with the same durability";

    public async Task<BenchmarkReport> RunAsync(BenchmarkRun run)
    {
        var figures = new List<Measured>();
        var ratios = new List<Ratio>();
        foreach (var durability in new[] { Durability.PowerCut, Durability.ProcessKill })
        {
            foreach (var (size, batches) in Shapes)
            {
                var what = $"{(durability == Durability.PowerCut ? "survives a power cut" : "survives a kill")}, batches of {size}";
                run.Say($"metric-store: {what}");
                var (one, many, bare) = await MeasureAsync(durability, size, batches, run);
                figures.Add(Measured.Of($"{what}: one run", one, "points/s"));
                figures.Add(Measured.Of($"{what}: {Runs} runs at once", many, "points/s"));
                figures.Add(Measured.Of($"{what}: reference: bare INSERTs", bare, "points/s"));
                ratios.Add(new Ratio($"{what}: one run / bare INSERTs", Statistics.Median(one.Zip(bare, (a, b) => a / b))));
                ratios.Add(new Ratio($"{what}: {Runs} runs / bare INSERTs", Statistics.Median(many.Zip(bare, (a, b) => a / b))));
            }
        }
        return new BenchmarkReport(Name, figures, ratios);
    }

    private static async Task<(List<double> One, List<double> Many, List<double> Bare)> MeasureAsync(Durability durability, int size, int batches, BenchmarkRun run)
    {
        // Not in the temporary folder: that may lie in memory, where a sync costs nothing.
        var folder = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "metric-store-" + Guid.NewGuid().ToString("n")));
        try
        {
            using var source = new SqliteDataSource(new StorageOptions { Path = Path.Combine(folder.FullName, "metrics.db"), Durability = durability });
            await new SqliteMigrations(source, NullLogger<SqliteMigrations>.Instance).ApplyAsync(run.CancellationToken);
            await using var store = new SqliteMetricStore(source);
            using var bare = new BareInserts(Path.Combine(folder.FullName, "bare.db"), durability);
            var appended = Enumerable.Range(0, Runs).Select(_ => 0L).ToArray();
            for (var r = 0; r < Runs; r++) await store.BeginEpochAsync($"run{r}", 1, run.CancellationToken);

            // As a worker does: the next batch only once the one before is acknowledged.
            async Task AppendAsync(int ofRun, int ofSize, int count)
            {
                for (var b = 0; b < count; b++)
                {
                    var batch = ++appended[ofRun];
                    await store.AppendAsync($"run{ofRun}", 1, batch, MetricPoints.Make(batch, ofSize), run.CancellationToken);
                }
            }

            await AppendAsync(0, 1000, WarmBatches);
            bare.Append(1000, WarmBatches);
            List<double> one = [], many = [], plain = [];
            for (var i = 0; i < run.Repetitions * TurnsEachRepetition; i++)
            {
                run.CancellationToken.ThrowIfCancellationRequested();
                plain.Add(Statistics.Rate(() => bare.Append(size, batches)));
                one.Add(await Statistics.RateAsync(async () => { await AppendAsync(0, size, batches); return (long)size * batches; }));
                many.Add(await Statistics.RateAsync(async () =>
                {
                    await Task.WhenAll(Enumerable.Range(0, Runs).Select(r => Task.Run(() => AppendAsync(r, size, Math.Max(2, batches / 4)))));
                    return (long)Runs * size * Math.Max(2, batches / 4);
                }));
            }
            return (one, many, plain);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}

/// <summary>Points as a training loop makes them: four metrics a step.</summary>
internal static class MetricPoints
{
    public static MetricPoint[] Make(long batch, int size) =>
        [.. Enumerable.Range(0, size).Select(i => batch * 1000 + i)
            .Select(n => new MetricPoint($"metric{n % 4}", n / 4, Math.Sin(n), DateTimeOffset.UnixEpoch.AddMilliseconds(n)))];
}
