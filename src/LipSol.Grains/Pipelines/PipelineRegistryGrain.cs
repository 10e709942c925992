using LipSol.Contracts.Pipelines;

namespace LipSol.Grains.Pipelines;

/// <summary>The names of all pipelines.</summary>
[GrainType("pipeline-registry")]
internal sealed class PipelineRegistryGrain([PersistentState("pipeline-registry")] IPersistentState<PipelineRegistryState> state) : Grain, IPipelineRegistryGrain
{
    public async Task<List<PipelineRecord>> ListAsync()
    {
        PipelineRecord?[] pipelines = await Task.WhenAll(state.State.Names.Select(name => GrainFactory.GetGrain<IPipelineGrain>(name).GetAsync()));
        return [.. pipelines.OfType<PipelineRecord>()];
    }

    public Task AddAsync(string name) => state.State.Names.Contains(name) ? Task.CompletedTask : WriteAsync(state.State.Names.Append(name));

    public Task RemoveAsync(string name) => state.State.Names.Contains(name) ? WriteAsync(state.State.Names.Where(n => n != name)) : Task.CompletedTask;

    private async Task WriteAsync(IEnumerable<string> names)
    {
        List<string> before = state.State.Names;
        state.State.Names = [.. names.Order(StringComparer.Ordinal)];
        try
        {
            await state.WriteStateAsync();
        }
        catch
        {
            state.State.Names = before;
            DeactivateOnIdle();
            throw;
        }
    }
}
