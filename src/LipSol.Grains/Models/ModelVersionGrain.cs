using LipSol.Contracts.Models;

namespace LipSol.Grains.Models;

/// <summary>The facts of one version; written once.</summary>
[GrainType("model-version")]
internal sealed class ModelVersionGrain([PersistentState("model-version")] IPersistentState<ModelVersionState> state) : Grain, IModelVersionGrain
{
    public Task<ModelVersion?> GetAsync() => Task.FromResult(state.State.Version);

    public async Task CreateAsync(ModelVersion version)
    {
        if (state.State.Version is not null) return;
        state.State.Version = version;
        await state.WriteStateAsync();
    }
}

/// <summary>What is kept of a version.</summary>
[GenerateSerializer, Alias("lipsol.ModelVersionState")]
internal sealed class ModelVersionState
{
    /// <summary>The version; null before it's written.</summary>
    [Id(0)] public ModelVersion? Version { get; set; }
}
