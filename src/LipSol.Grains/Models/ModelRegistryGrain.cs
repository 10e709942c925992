using LipSol.Contracts.Models;
using LipSol.Contracts.Serving;

namespace LipSol.Grains.Models;

/// <summary>The names of all models.</summary>
[GrainType("model-registry")]
internal sealed class ModelRegistryGrain([PersistentState("model-registry")] IPersistentState<ModelRegistryState> state) : Grain, IModelRegistryGrain
{
    public async Task<List<ModelRecord>> ListAsync()
    {
        ModelRecord?[] models = await Task.WhenAll(state.State.Names.Select(name => GrainFactory.GetGrain<IModelGrain>(name).GetAsync()));
        return [.. models.OfType<ModelRecord>()];
    }

    public async Task<List<ModelRoute>> GetRoutesAsync()
    {
        ModelRoute?[] routes = await Task.WhenAll(state.State.Names.Select(name => GrainFactory.GetGrain<IModelGrain>(name).GetRouteAsync()));
        return [.. routes.OfType<ModelRoute>()];
    }

    public async Task AddAsync(string name)
    {
        if (state.State.Names.Contains(name)) return;
        state.State.Names = [.. state.State.Names.Append(name).Order(StringComparer.Ordinal)];
        await state.WriteStateAsync();
    }
}

/// <summary>What is kept of the registry.</summary>
[GenerateSerializer, Alias("lipsol.ModelRegistryState")]
internal sealed class ModelRegistryState
{
    /// <summary>Names in order.</summary>
    [Id(0)] public List<string> Names { get; set; } = [];
}
