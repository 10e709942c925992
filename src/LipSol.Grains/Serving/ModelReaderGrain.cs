using LipSol.Contracts.Serving;
using LipSol.Grains.Serving.Routing;
using Orleans.Concurrency;

namespace LipSol.Grains.Serving;

/// <summary>A node's way to a model's replicas. One on each node that is asked, so that the death of another node is nothing to it but a replica less.</summary>
[GrainType("model-reader"), StatelessWorker(1), Reentrant]
internal sealed class ModelReaderGrain(ReadRouter router) : Grain, IModelReaderGrain
{
    public Task<Reading> ReadAsync(ReadRequest request, int? version, CancellationToken cancellationToken) => router.ReadAsync(this.GetPrimaryKeyString(), request, version, cancellationToken);
}
