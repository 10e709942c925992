using LipSol.Contracts.Networks;
using LipSol.Contracts.Runs;

namespace LipSol.Grains.Networks;

/// <summary>Keeps what people's networks are called. What isn't written down isn't known.</summary>
[GrainType("network-catalog")]
internal sealed class NetworkCatalogGrain([PersistentState("network-catalog")] IPersistentState<NetworkCatalogState> state) : Grain, INetworkCatalogGrain
{
    private const int Most = 1000;

    public Task<List<NetworkRecord>> ListAsync() => Task.FromResult(state.State.Networks);

    public Task<NetworkRecord?> FindAsync(string name) => Task.FromResult(state.State.Networks.Find(n => n.Name == name));

    public async Task<NetworkRecord> KeepAsync(NetworkRecord network)
    {
        List<NetworkRecord> before = state.State.Networks;
        NetworkRecord? known = before.Find(n => n.Name == network.Name);
        if (known is null && before.Count >= Most) throw new RefusedException($"There are {Most} networks already. Take one away that nobody uses any more, or send this one under its name.");
        NetworkRecord kept = network with { Revision = known is null ? 1 : known.Revision + (known.Source == network.Source ? 0 : 1) };
        await WriteAsync([.. before.Where(n => n.Name != network.Name).Append(kept).OrderBy(n => n.Name, StringComparer.Ordinal)]);
        return kept;
    }

    public async Task<bool> RemoveAsync(string name)
    {
        List<NetworkRecord> before = state.State.Networks;
        if (!before.Exists(n => n.Name == name)) return false;
        await WriteAsync([.. before.Where(n => n.Name != name)]);
        return true;
    }

    // A list of its own each time: readers aren't made to wait, and hold the one before.
    private async Task WriteAsync(List<NetworkRecord> networks)
    {
        List<NetworkRecord> before = state.State.Networks;
        state.State.Networks = networks;
        try
        {
            await state.WriteStateAsync();
        }
        catch
        {
            state.State.Networks = before;
            throw;
        }
    }
}

/// <summary>What is kept of the networks.</summary>
[GenerateSerializer, Alias("lipsol.NetworkCatalogState")]
internal sealed class NetworkCatalogState
{
    /// <summary>By name.</summary>
    [Id(0)] public List<NetworkRecord> Networks { get; set; } = [];
}
