using LipSol.Contracts.Models;

namespace LipSol.Contracts.Serving;

/// <summary>Where a model's requests go: what each node keeps so as to ask nobody while it reads.</summary>
[GenerateSerializer, Alias("lipsol.ModelRoute"), Immutable]
public sealed record ModelRoute
{
    /// <summary>The model.</summary>
    [Id(0)] public required string Model { get; init; }
    /// <summary>Counts the model's changes: a route is never replaced by an older one.</summary>
    [Id(1)] public required long Revision { get; init; }
    /// <summary>The version in production; null where there's none.</summary>
    [Id(2)] public RoutedVersion? Production { get; init; }
    /// <summary>The version tried beside it.</summary>
    [Id(3)] public ModelTrial? Trial { get; init; }
    /// <summary>Versions registered: 1 to this.</summary>
    [Id(4)] public int Versions { get; init; }
    /// <summary>Versions that were deleted.</summary>
    [Id(5)] public List<int> Deleted { get; init; } = [];
    /// <summary>What has to be known of versions before they are used, by version: answers tell it.</summary>
    [Id(6)] public Dictionary<int, List<string>> Marks { get; init; } = [];
}

/// <summary>A version and what it's loaded from.</summary>
[GenerateSerializer, Alias("lipsol.RoutedVersion"), Immutable]
public sealed record RoutedVersion([property: Id(0)] int Version, [property: Id(1)] string ModelArtifact);

/// <summary>What one node keeps of the models it serves. Key: <c>serving@node</c>. Called by the models' grains; programs have no use for it.</summary>
[Alias("lipsol.IServingNodeGrain")]
public interface IServingNodeGrain : IGrainWithStringKey
{
    /// <summary>Loads a model folder and keeps it for at least as long as a promotion may take, whether or not a route names it. Repeatable.</summary>
    [Alias("Warm"), ResponseTimeout("00:10:00")] Task WarmAsync(string modelArtifact);
    /// <summary>No longer keeps a model folder that no route names: what it was warmed for didn't come about.</summary>
    [Alias("Release")] Task ReleaseAsync(string modelArtifact);
    /// <summary>Sends requests so from now on. An older route than the one known is passed over.</summary>
    [Alias("Route")] Task RouteAsync(ModelRoute route);
    /// <summary>Asks for all routes, begins to load what they name and lets go of what none names. The node does so by itself every few seconds.</summary>
    [Alias("Refresh")] Task RefreshAsync();
    /// <summary>What this node counted; null where the model isn't known here.</summary>
    [Alias("GetTraffic")] Task<NodeTraffic?> GetTrafficAsync(string model);
}

/// <summary>What one node counted of a model since its route changed, in a form that adds up.</summary>
[GenerateSerializer, Alias("lipsol.NodeTraffic"), Immutable]
public sealed record NodeTraffic
{
    /// <summary>Since when.</summary>
    [Id(0)] public required DateTimeOffset Since { get; init; }
    /// <summary>The trial; null where there's none.</summary>
    [Id(1)] public string? Trial { get; init; }
    /// <summary>Of the version in production.</summary>
    [Id(2)] public VersionCounts? Production { get; init; }
    /// <summary>Of the version tried.</summary>
    [Id(3)] public VersionCounts? Candidate { get; init; }
    /// <summary>Requests that both read.</summary>
    [Id(4)] public long Compared { get; init; }
    /// <summary>Those with the same text.</summary>
    [Id(5)] public long Agreed { get; init; }
    /// <summary>Requests that the second version wasn't given.</summary>
    [Id(6)] public long Dropped { get; init; }
    /// <summary>The latest disagreements, oldest first.</summary>
    [Id(7)] public List<Disagreement> Disagreements { get; init; } = [];
}

/// <summary>What was counted of one version on one node.</summary>
[GenerateSerializer, Alias("lipsol.VersionCounts"), Immutable]
public sealed record VersionCounts
{
    /// <summary>The version.</summary>
    [Id(0)] public required int Version { get; init; }
    /// <summary>Requests it answered.</summary>
    [Id(1)] public long Answered { get; init; }
    /// <summary>Requests it read for comparison.</summary>
    [Id(2)] public long Shadowed { get; init; }
    /// <summary>Requests it failed on.</summary>
    [Id(3)] public long Errors { get; init; }
    /// <summary>Sum of its confidences.</summary>
    [Id(4)] public double Confidence { get; init; }
    /// <summary>Readings by the bucket of their latency.</summary>
    [Id(5)] public Dictionary<int, long> Latencies { get; init; } = [];
}
