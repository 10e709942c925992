using LipSol.Contracts.Searches;

namespace LipSol.Grains.Searches;

/// <summary>The names of all searches.</summary>
[GrainType("search-registry")]
internal sealed class SearchRegistryGrain([PersistentState("search-registry")] IPersistentState<SearchRegistryState> state) : Grain, ISearchRegistryGrain
{
    public async Task<List<SearchRecord>> ListAsync()
    {
        SearchRecord?[] searches = await Task.WhenAll(state.State.Names.Select(name => GrainFactory.GetGrain<ISearchGrain>(name).GetAsync()));
        return [.. searches.OfType<SearchRecord>().Select(s => s with { Trials = [] }).OrderByDescending(s => s.CreatedAt)];
    }

    public async Task AddAsync(string name)
    {
        if (state.State.Names.Contains(name)) return;
        state.State.Names = [.. state.State.Names.Append(name).Order(StringComparer.Ordinal)];
        await state.WriteStateAsync();
    }
}
