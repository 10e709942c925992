using LipSol.Contracts.Runs;
using LipSol.Grains.Ports;
using LipSol.Grains.Runs.Search;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Concurrency;

namespace LipSol.Grains.Runs;

/// <summary>Searches the run index.</summary>
[GrainType("run-history"), StatelessWorker]
internal sealed class RunHistoryGrain(IRunIndex index, IMetricStore metrics, [FromKeyedServices(LipSolGrainsExtensions.Clock)] TimeProvider time) : Grain, IRunHistoryGrain
{
    public Task<RunPage> SearchAsync(RunSearch search)
    {
        try
        {
            return index.SearchAsync(RunSelections.Of(search, time.GetUtcNow()), CancellationToken.None);
        }
        catch (RunSearchException e)
        {
            throw new RefusedException(e.Message);
        }
    }

    public Task<MetricHistory> GetMetricHistoryAsync(string runId, string name, long fromStep, long toStep, int buckets) =>
        metrics.HistoryAsync(runId, name, fromStep, toStep, buckets, CancellationToken.None);

    public Task<List<MetricPoint>> ReadPointsAsync(string runId, string? name, string afterName, long afterStep, int take) =>
        metrics.ReadAfterAsync(runId, name, afterName, afterStep, take, CancellationToken.None);

    public Task<List<RunRecord>> ListAsync(RunQuery query) => index.ListAsync(query, CancellationToken.None);

    public Task<List<ExperimentRecord>> ListExperimentsAsync() => index.ListExperimentsAsync(CancellationToken.None);

    public async Task<int> RebuildAsync()
    {
        List<string> runs = await index.ListRecordedRunsAsync(CancellationToken.None);
        foreach (string run in runs) await GrainFactory.GetGrain<IRunGrain>(run).ReindexAsync();
        return runs.Count;
    }
}
