using LipSol.Contracts.Models;
using LipSol.Contracts.Runs;
using LipSol.Contracts.Serving;
using LipSol.Grains.Models;
using LipSol.Grains.Nodes;
using Orleans.Concurrency;

namespace LipSol.Grains.Serving;

/// <summary>Sends each request to a replica of the version in production. Knows the pointer from the model's grain, which tells it when it moves.</summary>
[GrainType("model-reader"), Reentrant]
internal sealed class ModelReaderGrain(ClusterNodes nodes) : Grain, IModelReaderGrain
{
    private readonly Dictionary<string, int> _underWay = new(StringComparer.Ordinal);
    private int? _production;

    private string Model => this.GetPrimaryKeyString();

    public async Task<Reading> ReadAsync(ReadRequest request, int? version)
    {
        string key = ModelVersionKey.Of(Model, version ?? _production ?? await FindProductionAsync());
        string first = ReplicaChoice.Choose(nodes.Active, _underWay, nodes.Local) ?? throw new NodeGoneException("No node is up.");
        try
        {
            return await ReadOnAsync(first, key, request);
        }
        catch (Exception e) when (e is NodeGoneException or OrleansMessageRejectionException)
        {
            // The node went away before it took the request: another one may have it, once.
            return ReplicaChoice.Choose([.. nodes.Active.Where(n => n != first)], _underWay, nodes.Local) is { } second
                ? await ReadOnAsync(second, key, request)
                : throw new RefusedException($"No node that serves {key} is up. Try again once one is.");
        }
    }

    public Task PointAsync(int version)
    {
        _production = version;
        return Task.CompletedTask;
    }

    private async Task<Reading> ReadOnAsync(string node, string version, ReadRequest request)
    {
        _underWay[node] = _underWay.GetValueOrDefault(node) + 1;
        try
        {
            return await GrainFactory.GetGrain<IReplicaGrain>(NodePlacement.Key(version, node)).ReadAsync(request);
        }
        finally
        {
            if (--_underWay[node] == 0) _underWay.Remove(node);
        }
    }

    private async Task<int> FindProductionAsync()
    {
        ModelRecord? model = await GrainFactory.GetGrain<IModelGrain>(Model).GetAsync();
        if (model is null) throw new RefusedException($"There's no model {Model}. Promote a run first, or name another model.");
        if (!model.Aliases.TryGetValue(ModelNames.Production, out int version))
            throw new RefusedException($"No version of {Model} is in production. Promote one, or name a version.");
        // A flip that came in while this was asked is newer.
        return _production ??= version;
    }
}
