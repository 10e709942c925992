using LipSol.Contracts.Models;
using LipSol.Contracts.Serving;
using LipSol.Grains.Nodes;
using LipSol.Grains.Serving.Routing;
using LipSol.Grains.Serving.Traffic;
using LipSol.Grains.Serving.Versions;
using Orleans.Concurrency;

namespace LipSol.Grains.Serving;

/// <summary>What others tell a node about serving, and ask of it. It holds nothing itself: that is the silo's.</summary>
[GrainType("serving-node"), OnNodeOfKey, Reentrant]
internal sealed class ServingNodeGrain(ServingBoard board, NodeVersions versions, TrafficCounts traffic) : Grain, IServingNodeGrain
{
    /// <summary>The grain of a node.</summary>
    public static IServingNodeGrain Of(IGrainFactory grains, string node) => grains.GetGrain<IServingNodeGrain>(NodePlacement.Key("serving", node));

    public Task WarmAsync(string modelArtifact) => versions.WarmAsync(modelArtifact);

    public Task ReleaseAsync(string modelArtifact)
    {
        versions.Release(modelArtifact);
        return Task.CompletedTask;
    }

    public Task RouteAsync(ModelRoute route)
    {
        Apply(route);
        return Task.CompletedTask;
    }

    public async Task RefreshAsync()
    {
        foreach (ModelRoute route in await GrainFactory.GetGrain<IModelRegistryGrain>(0).GetRoutesAsync()) Apply(route);
        await versions.SettleAsync();
    }

    public Task<NodeTraffic?> GetTrafficAsync(string model) => Task.FromResult(traffic.Find(model));

    private void Apply(ModelRoute route)
    {
        route = board.Apply(route);
        traffic.Of(route);
        // From here on it's the route that keeps them.
        if (route.Production is { } production) versions.Release(production.ModelArtifact);
        if (route.Trial is { } trial) versions.Release(trial.ModelArtifact);
    }
}
