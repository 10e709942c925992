using LipSol.Contracts.Serving;

namespace LipSol.Grains.Serving;

/// <summary>Where requests go, as this node was last told.</summary>
public interface IModelRoutes
{
    /// <summary>A model's route; null where this node wasn't told of the model.</summary>
    ModelRoute? Find(string model);

    /// <summary>The models of which a version is in production, by name.</summary>
    IReadOnlyList<string> InProduction { get; }
}
