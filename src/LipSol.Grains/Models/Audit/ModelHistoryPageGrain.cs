using LipSol.Contracts.Models;

namespace LipSol.Grains.Models.Audit;

/// <summary>A full page of a model's audit trail.</summary>
[GrainType("model-history-page")]
internal sealed class ModelHistoryPageGrain([PersistentState("model-history-page")] IPersistentState<ModelHistoryPageState> state) : Grain, IModelHistoryPageGrain
{
    public Task<List<PromotionDecision>> GetAsync() => Task.FromResult(state.State.Entries);

    public async Task WriteAsync(List<PromotionDecision> entries)
    {
        if (state.State.Entries.Count > 0) return;
        state.State.Entries = entries;
        try
        {
            await state.WriteStateAsync();
        }
        catch
        {
            DeactivateOnIdle();
            throw;
        }
    }
}

/// <summary>What is kept of a page.</summary>
[GenerateSerializer, Alias("lipsol.ModelHistoryPageState")]
internal sealed class ModelHistoryPageState
{
    /// <summary>Entries, oldest first; empty before the page is written.</summary>
    [Id(0)] public List<PromotionDecision> Entries { get; set; } = [];
}
