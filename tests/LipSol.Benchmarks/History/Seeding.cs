using LipSol.Benchmarks.Running;

namespace LipSol.Benchmarks.History;

/// <summary>Fills a database through the ports that the grains use, so that it holds what they would have written.</summary>
internal static class Seeding
{
    private const int AtOnce = 32, LongBatch = 1000;

    public static async Task FillAsync(HistorySilo silo, string database, BenchmarkRun run)
    {
        var done = 0;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = run.CancellationToken };
        await Task.WhenAll(LongAsync(silo, run), Parallel.ForEachAsync(Enumerable.Range(1, SeededRuns.Count - 1), parallel, async (i, stop) =>
        {
            await silo.Metrics.BeginEpochAsync(SeededRuns.Id(i), 1, stop);
            await silo.Metrics.AppendAsync(SeededRuns.Id(i), 1, 1, SeededRuns.PointsOf(i), stop);
            await silo.Metrics.EndEpochAsync(SeededRuns.Id(i), 1, stop);
            if (Interlocked.Increment(ref done) % 1000 == 0) run.Say($"history: {database}: points of {done:N0} of {SeededRuns.Count:N0} runs");
        }));
        done = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, SeededRuns.Count), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = run.CancellationToken }, async (i, stop) =>
        {
            await silo.Index.PutAsync(SeededRuns.Record(i), 1, stop);
            if (Interlocked.Increment(ref done) % 2500 == 0) run.Say($"history: {database}: {done:N0} of {SeededRuns.Count:N0} runs in the index");
        });
    }

    private static async Task LongAsync(HistorySilo silo, BenchmarkRun run)
    {
        await silo.Metrics.BeginEpochAsync(SeededRuns.LongRun, 1, run.CancellationToken);
        for (var batch = 0; batch < SeededRuns.LongSteps / LongBatch; batch++)
            await silo.Metrics.AppendAsync(SeededRuns.LongRun, 1, batch + 1, SeededRuns.LongPoints(batch * LongBatch, LongBatch), run.CancellationToken);
    }
}
