namespace LipSol.Contracts.Models;

/// <summary>How a version is tried beside the one in production.</summary>
public enum TrialKind
{
    /// <summary>It answers a share of the requests.</summary>
    Canary,
    /// <summary>It reads what production reads; its answers are recorded and never returned.</summary>
    Shadow,
}

/// <summary>What is asked for.</summary>
[GenerateSerializer, Alias("lipsol.TrialRequest"), Immutable]
public sealed record TrialRequest
{
    /// <summary>How.</summary>
    [Id(0)] public required TrialKind Kind { get; init; }
    /// <summary>The version to try.</summary>
    [Id(1)] public required int Version { get; init; }
    /// <summary>Of a canary: the share of requests that it answers, above 0 and at most 1.</summary>
    [Id(2)] public double Share { get; init; } = 1;
    /// <summary>Of a canary: whether a caller always gets the same version, rather than each request drawing anew.</summary>
    [Id(3)] public bool Sticky { get; init; }
}

/// <summary>A version that is tried beside the one in production.</summary>
[GenerateSerializer, Alias("lipsol.ModelTrial"), Immutable]
public sealed record ModelTrial
{
    /// <summary>Tells one trial from the next; also the seed by which requests are drawn.</summary>
    [Id(0)] public required string Id { get; init; }
    /// <summary>How.</summary>
    [Id(1)] public required TrialKind Kind { get; init; }
    /// <summary>The version tried.</summary>
    [Id(2)] public required int Version { get; init; }
    /// <summary>Its model folder.</summary>
    [Id(3)] public required string ModelArtifact { get; init; }
    /// <summary>The share of requests it answers; 1 for a shadow, which reads all.</summary>
    [Id(4)] public required double Share { get; init; }
    /// <summary>Whether a caller always gets the same version.</summary>
    [Id(5)] public bool Sticky { get; init; }
    /// <summary>Since when.</summary>
    [Id(6)] public DateTimeOffset StartedAt { get; init; }
    /// <summary>Who started it.</summary>
    [Id(7)] public string By { get; init; } = "";
}
