using System.Collections.Concurrent;
using LipSol.Contracts.Serving;
using Microsoft.Extensions.DependencyInjection;

namespace LipSol.Grains.Serving.Traffic;

/// <summary>What this node counts of each model. In memory: a node that ends takes its share along, and texts go with the trial they belong to.</summary>
internal sealed class TrafficCounts([FromKeyedServices(LipSolGrainsExtensions.Clock)] TimeProvider time)
{
    private readonly ConcurrentDictionary<string, ModelCounts> _models = new(StringComparer.Ordinal);

    /// <summary>The counts that belong to a route: new ones where it names other versions, or another trial, than before. What a request by a route that has passed counts goes nowhere.</summary>
    public ModelCounts Of(ModelRoute route)
    {
        ModelCounts current = _models.AddOrUpdate(route.Model, _ => New(route), (_, counts) => counts.Is(route) || counts.Revision > route.Revision ? counts : New(route));
        return current.Is(route) ? current : New(route);
    }

    /// <summary>What was counted of a model; null where nothing was.</summary>
    public NodeTraffic? Find(string model) => _models.GetValueOrDefault(model)?.Snapshot();

    private ModelCounts New(ModelRoute route) => new(route, time.GetUtcNow());
}
