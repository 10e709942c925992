using LipSol.Contracts.Runs;
using LipSol.Grains.Ports;
using Orleans.Concurrency;

namespace LipSol.Grains.Runs;

/// <summary>Searches the run index.</summary>
[GrainType("run-history"), StatelessWorker]
internal sealed class RunHistoryGrain(IRunIndex index) : Grain, IRunHistoryGrain
{
    public Task<List<RunRecord>> ListAsync(RunQuery query) => index.ListAsync(query, CancellationToken.None);

    public Task<List<ExperimentRecord>> ListExperimentsAsync() => index.ListExperimentsAsync(CancellationToken.None);

    public async Task<int> RebuildAsync()
    {
        List<string> runs = await index.ListRecordedRunsAsync(CancellationToken.None);
        foreach (string run in runs) await GrainFactory.GetGrain<IRunGrain>(run).ReindexAsync();
        return runs.Count;
    }
}
