using LipSol.Benchmarks.Running;
using LipSol.Contracts.Runs;
using LipSol.Storage;
using LipSol.Storage.Metrics;
using LipSol.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace LipSol.Benchmarks.MetricStore;

/// <summary>Metric points a second into the store, each batch acknowledged only once it is on the disk; against bare INSERTs in one transaction a batch.</summary>
internal sealed class MetricStoreBenchmark : IBenchmark
{
    private const int Runs = 32;

    /// <summary>Batches of 1000 points before the clock starts: a sync costs more while the write-ahead log still grows.</summary>
    private const int WarmBatches = 150;

    private static readonly (int Batch, int Batches)[] Shapes = [(1, 500), (100, 200), (1000, 60)];

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
                List<double> ours = [], bare = [], together = [];
                for (var i = 0; i < run.Repetitions; i++)
                {
                    run.Say($"metric-store: {durability}, batches of {size}, repetition {i + 1} of {run.Repetitions}");
                    bare.Add(InFolder(path => BareInserts(path, durability, size, batches)));
                    ours.Add(await InFolderAsync(path => AppendAsync(path, durability, runs: 1, size, batches, run.CancellationToken)));
                    together.Add(await InFolderAsync(path => AppendAsync(path, durability, Runs, size, Math.Max(4, batches / 8), run.CancellationToken)));
                }
                var what = $"{(durability == Durability.PowerCut ? "survives a power cut" : "survives a kill")}, batches of {size}";
                figures.Add(Measured.Of($"{what}: one run", ours, "points/s"));
                figures.Add(Measured.Of($"{what}: {Runs} runs at once", together, "points/s"));
                figures.Add(Measured.Of($"{what}: reference: bare INSERTs", bare, "points/s"));
                ratios.Add(new Ratio($"{what}: one run / bare INSERTs", Statistics.Median(ours.Zip(bare, (a, b) => a / b))));
                ratios.Add(new Ratio($"{what}: {Runs} runs / bare INSERTs", Statistics.Median(together.Zip(bare, (a, b) => a / b))));
            }
        }
        return new BenchmarkReport(Name, figures, ratios);
    }

    private static async Task<double> AppendAsync(string path, Durability durability, int runs, int size, int batches, CancellationToken stop)
    {
        var options = new StorageOptions { Path = path, Durability = durability };
        using var source = new SqliteDataSource(options);
        await new SqliteMigrations(source, NullLogger<SqliteMigrations>.Instance).ApplyAsync(stop);
        await using var store = new SqliteMetricStore(source);
        for (var r = 0; r < runs; r++) await store.BeginEpochAsync($"run{r}", 1, stop);
        await store.BeginEpochAsync("warm", 1, stop);
        for (var b = 0; b < WarmBatches; b++) await store.AppendAsync("warm", 1, b + 1, Points(b, 1000), stop);
        var made = Enumerable.Range(0, batches).Select(b => Points(b, size)).ToArray();
        return await Statistics.RateAsync(async () =>
        {
            // As a worker does: the next batch only once the one before is acknowledged.
            await Task.WhenAll(Enumerable.Range(0, runs).Select(r => Task.Run(async () =>
            {
                for (var b = 0; b < batches; b++) await store.AppendAsync($"run{r}", 1, b + 1, made[b], stop);
            }, stop)));
            return (long)runs * batches * size;
        });
    }

    private static double BareInserts(string path, Durability durability, int size, int batches)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=false");
        connection.Open();
        Execute(connection, $"PRAGMA journal_mode=WAL; PRAGMA synchronous={(durability == Durability.PowerCut ? "FULL" : "NORMAL")};"
            + "CREATE TABLE Point (Run INTEGER, Name INTEGER, Step INTEGER, Value REAL, Time INTEGER, PRIMARY KEY (Run, Name, Step)) WITHOUT ROWID;");
        using var insert = connection.CreateCommand();
        insert.CommandText = "INSERT INTO Point VALUES ($run, $name, $step, $value, $time)";
        var (run, name, step, value, time) = (insert.Parameters.Add("$run", SqliteType.Integer), insert.Parameters.Add("$name", SqliteType.Integer), insert.Parameters.Add("$step", SqliteType.Integer),
            insert.Parameters.Add("$value", SqliteType.Real), insert.Parameters.Add("$time", SqliteType.Integer));
        var made = Enumerable.Range(0, batches).Select(b => Points(b, size)).ToArray();
        for (var b = 0; b < WarmBatches; b++) Insert(0, Points(b, 1000));
        return Statistics.Rate(() =>
        {
            foreach (var batch in made) Insert(1, batch);
            return (long)batches * size;
        });

        void Insert(int ofRun, MetricPoint[] points)
        {
            Execute(connection, "BEGIN");
            foreach (var point in points)
            {
                (run.Value, name.Value, step.Value, value.Value, time.Value) = (ofRun, point.Name[^1] - '0', point.Step, point.Value, point.Time.UtcTicks);
                insert.ExecuteNonQuery();
            }
            Execute(connection, "COMMIT");
        }
    }

    private static void Execute(SqliteConnection connection, string text)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }

    /// <summary>Four metrics a step, steps rising, as a training loop makes them.</summary>
    private static MetricPoint[] Points(int batch, int size) =>
        [.. Enumerable.Range(0, size).Select(i => (long)batch * size + i)
            .Select(n => new MetricPoint($"metric{n % 4}", n / 4, Math.Sin(n), DateTimeOffset.UnixEpoch.AddMilliseconds(n)))];

    private static double InFolder(Func<string, double> work) => InFolderAsync(path => Task.FromResult(work(path))).GetAwaiter().GetResult();

    private static async Task<double> InFolderAsync(Func<string, Task<double>> work)
    {
        // Not in the temporary folder: that may lie in memory, where a sync costs nothing.
        var folder = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "metric-store-" + Guid.NewGuid().ToString("n")));
        try
        {
            return await work(Path.Combine(folder.FullName, "metrics.db"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
