using LipSol.Contracts.Networks;
using LipSol.Contracts.Runs;
using LipSol.Grains.Ports;

namespace LipSol.Grains.Runs;

/// <summary>Starts runs. Holds no state: a run's id follows from the request, so a repeated request meets the run that the first one made, whatever crashed in between.</summary>
[GrainType("experiment")]
internal sealed class ExperimentGrain(IRunIndex index) : Grain, IExperimentGrain
{
    public async Task<string> StartRunAsync(RunSpec spec, string requestId)
    {
        if (string.IsNullOrWhiteSpace(requestId)) throw new RefusedException("A run is started with a request id, so that a repeated request starts nothing twice: give one.");
        string experiment = this.GetPrimaryKeyString();
        string id = RunIds.Of(experiment, requestId);
        // A run keeps the source that its network's name stands for now, unless whoever starts it has settled that before: a pipeline with what its step depends on, a search for all of its trials.
        string? source = spec.NetworkSource ?? (await GrainFactory.GetGrain<INetworkCatalogGrain>(0).FindAsync(spec.Network))?.Source;
        await GrainFactory.GetGrain<IRunGrain>(id).CreateAsync(spec with { Experiment = experiment, NetworkSource = source });
        return id;
    }

    public async Task<ExperimentRecord> GetAsync()
    {
        string name = this.GetPrimaryKeyString();
        List<ExperimentRecord> all = await index.ListExperimentsAsync(CancellationToken.None);
        return all.Find(e => e.Name == name) ?? new ExperimentRecord(name, 0, DateTimeOffset.MinValue);
    }
}
