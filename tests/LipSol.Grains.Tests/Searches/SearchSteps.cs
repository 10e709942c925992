using LipSol.Contracts.Runs;
using LipSol.Contracts.Searches;
using LipSol.Grains.Tests.Cluster;

namespace LipSol.Grains.Tests.Searches;

/// <summary>What tests of searches do, in one line each.</summary>
internal static class SearchSteps
{
    public const string Definition = """
        name: rates
        corpus: grid
        network: word-tcn
        method: random
        trials: 4
        seed: 3
        objective: { metric: val_accuracy, goal: max }
        space: { rate: { float: [0.001, 0.1], log: true } }
        fixed: { epochs: 9 }
        """;

    public static SearchRequest Request(string definition) => new(definition, LipSolCluster.Spec() with { Parameters = new() { ["epochs"] = "9" }, MaximumRestarts = 1 });

    public static Task<SearchRecord> SweepAsync(this LipSolCluster cluster, string definition = Definition) => cluster.Search("rates").StartAsync(Request(definition));

    /// <summary>The search once it's so. What a word of a run's end would bring about may come a moment later: it's asked to look until then.</summary>
    public static async Task<SearchRecord> UntilAsync(this LipSolCluster cluster, Func<SearchRecord, bool> so)
    {
        using var limit = new CancellationTokenSource(Patience.Limit);
        while (true)
        {
            await cluster.Search("rates").ReconcileAsync();
            SearchRecord record = (await cluster.Search("rates").GetAsync())!;
            if (so(record)) return record;
            Assert.False(limit.IsCancellationRequested, $"It never came about; last: {record.Status} ({record.Reason}), {string.Join("; ", record.Trials.Select(t => $"{t.Number} {t.Status} {t.Objective} {t.Reason}"))}");
            await Task.Yield();
        }
    }

    /// <summary>The worker of a trial, once there is one.</summary>
    public static async Task<FakeWorker> WorkerAsync(this LipSolCluster cluster, int number) =>
        await cluster.Workers.OfAsync((await cluster.UntilAsync(s => s.Trials.Count >= number)).Trials[number - 1].RunId);

    /// <summary>Tells values of the metric, one an epoch of ten steps, from an epoch on.</summary>
    public static Task ValuesAsync(this FakeWorker worker, int fromEpoch, params double[] values) =>
        worker.MetricsAsync(fromEpoch, [.. values.Select((v, i) => ("val_accuracy", 10L * (fromEpoch + i), v))]);

    public static async Task CompleteAsync(this FakeWorker worker, params double[] values)
    {
        await worker.ValuesAsync(1, values);
        await worker.EndAsync(RunStatus.Completed, outcome: LipSolCluster.Outcome($"model {worker.Start.RunId}"));
    }

    public static IEnumerable<TrialRecord> Live(this SearchRecord record) => record.Trials.Where(t => t.Status == TrialStatus.Running);
}
