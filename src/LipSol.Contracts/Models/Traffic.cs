namespace LipSol.Contracts.Models;

/// <summary>What the version in production and the one tried beside it did with the requests, over all nodes. It holds no text: this is what an audit entry keeps.</summary>
[GenerateSerializer, Alias("lipsol.TrafficFigures"), Immutable]
public sealed record TrafficFigures
{
    /// <summary>Since when it's counted, on the node that counts longest.</summary>
    [Id(0)] public required DateTimeOffset Since { get; init; }
    /// <summary>The version in production; null where nothing was.</summary>
    [Id(1)] public VersionTraffic? Production { get; init; }
    /// <summary>The version tried; null where none is.</summary>
    [Id(2)] public VersionTraffic? Candidate { get; init; }
    /// <summary>Requests that both read.</summary>
    [Id(3)] public long Compared { get; init; }
    /// <summary>Those of them on which both texts are the same.</summary>
    [Id(4)] public long Agreed { get; init; }
    /// <summary>Requests that the second version wasn't given, since too many of its kind were under way.</summary>
    [Id(5)] public long Dropped { get; init; }
    /// <summary>Nodes that are up and didn't answer when they were asked: what they counted is missing.</summary>
    [Id(6)] public List<string> Silent { get; init; } = [];
}

/// <summary>What one version did.</summary>
[GenerateSerializer, Alias("lipsol.VersionTraffic"), Immutable]
public sealed record VersionTraffic
{
    /// <summary>The version.</summary>
    [Id(0)] public required int Version { get; init; }
    /// <summary>Requests it answered.</summary>
    [Id(1)] public long Answered { get; init; }
    /// <summary>Requests it read besides, for comparison.</summary>
    [Id(2)] public long Shadowed { get; init; }
    /// <summary>Requests it failed on; the other version answered those of a canary. What no model could read isn't counted.</summary>
    [Id(3)] public long Errors { get; init; }
    /// <summary>Mean confidence of its readings; 0 where there are none.</summary>
    [Id(4)] public double MeanConfidence { get; init; }
    /// <summary>Milliseconds from the node that took the request to the replica and back, median. By buckets 5 % apart, as the two below.</summary>
    [Id(5)] public double P50 { get; init; }
    /// <summary>95 % take no longer.</summary>
    [Id(6)] public double P95 { get; init; }
    /// <summary>99 % take no longer.</summary>
    [Id(7)] public double P99 { get; init; }
}

/// <summary>What was counted so far, with the latest disagreements.</summary>
[GenerateSerializer, Alias("lipsol.ModelTraffic"), Immutable]
public sealed record ModelTraffic([property: Id(0)] ModelTrial? Trial, [property: Id(1)] TrafficFigures Figures, [property: Id(2)] List<Disagreement> Disagreements);

/// <summary>One request that two versions read differently. Kept in memory, few, and only as long as the trial lasts.</summary>
[GenerateSerializer, Alias("lipsol.Disagreement"), Immutable]
public sealed record Disagreement
{
    /// <summary>When.</summary>
    [Id(0)] public required DateTimeOffset Time { get; init; }
    /// <summary>What the version in production read.</summary>
    [Id(1)] public required string Production { get; init; }
    /// <summary>How sure it was.</summary>
    [Id(2)] public required double ProductionConfidence { get; init; }
    /// <summary>What the version tried read.</summary>
    [Id(3)] public required string Candidate { get; init; }
    /// <summary>How sure it was.</summary>
    [Id(4)] public required double CandidateConfidence { get; init; }
}
