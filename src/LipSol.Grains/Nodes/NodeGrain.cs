using LipSol.Contracts.Nodes;
using LipSol.Grains.Ports;
using Orleans.Concurrency;

namespace LipSol.Grains.Nodes;

/// <summary>Answers for its node. It keeps nothing, so it answers also while the database is away.</summary>
[GrainType("node"), OnNodeOfKey, Reentrant]
internal sealed class NodeGrain(INodeReach reach) : Grain, INodeGrain
{
    public Task<bool> ReachesDatabaseAsync() => reach.ReachesDatabaseAsync();
}
