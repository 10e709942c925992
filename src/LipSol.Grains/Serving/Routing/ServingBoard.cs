using System.Collections.Concurrent;
using LipSol.Contracts.Serving;

namespace LipSol.Grains.Serving.Routing;

/// <summary>Where requests go, as this node was last told: it's read without asking anyone.</summary>
internal sealed class ServingBoard : IModelRoutes
{
    private readonly ConcurrentDictionary<string, ModelRoute> _routes = new(StringComparer.Ordinal);

    public IReadOnlyList<string> InProduction => [.. _routes.Values.Where(r => r.Production is not null).Select(r => r.Model).Order(StringComparer.Ordinal)];

    public ModelRoute? Find(string model) => _routes.GetValueOrDefault(model);

    /// <summary>Takes a route, unless a newer one is known; the one that's known then.</summary>
    public ModelRoute Apply(ModelRoute route) => _routes.AddOrUpdate(route.Model, route, (_, known) => known.Revision > route.Revision ? known : route);

    /// <summary>The model folder of a version that a route names; null where none does.</summary>
    public string? FindArtifact(string model, int version) => Find(model) is not { } route ? null
        : route.Production?.Version == version ? route.Production.ModelArtifact
        : route.Trial?.Version == version ? route.Trial.ModelArtifact : null;

    /// <summary>The model folders that routes need in memory.</summary>
    public HashSet<string> Wanted() => [.. _routes.Values.SelectMany(Artifacts)];

    private static IEnumerable<string> Artifacts(ModelRoute route) => new[] { route.Production?.ModelArtifact, route.Trial?.ModelArtifact }.OfType<string>();
}
