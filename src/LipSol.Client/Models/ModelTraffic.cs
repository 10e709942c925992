namespace LipSol.Client;

/// <summary>Has a version answer a share of the requests.</summary>
/// <param name="Version">The version.</param>
/// <param name="Share">Above 0 and at most 1.</param>
/// <param name="Sticky">Whether a caller (<c>X-Caller</c>, else the token) always gets the same version, rather than each request drawing anew.</param>
public sealed record StartCanary(int Version, double Share, bool Sticky = false);

/// <summary>Has a version read what production answers; its answers are recorded and never returned.</summary>
/// <param name="Version">The version.</param>
public sealed record StartShadow(int Version);

/// <summary>A version that is tried beside the one in production.</summary>
/// <param name="Kind"><see cref="Canary"/> or <see cref="Shadow"/>.</param>
/// <param name="Version">The version.</param>
/// <param name="Share">The share of requests that it answers; of a shadow 1, the share that it reads.</param>
/// <param name="Sticky">Whether a caller always gets the same version.</param>
/// <param name="StartedAt">Since when.</param>
/// <param name="By">Who started it.</param>
public sealed record ModelTrial(string Kind, int Version, double Share, bool Sticky, DateTimeOffset StartedAt, string? By)
{
    /// <summary>It answers a share of the requests.</summary>
    public const string Canary = "canary";
    /// <summary>It reads along.</summary>
    public const string Shadow = "shadow";
}

/// <summary>What the version in production and the one on trial did with the requests.</summary>
/// <param name="Model">The model.</param>
/// <param name="Trial">The trial; null where there's none.</param>
/// <param name="Figures">What was counted.</param>
/// <param name="Disagreements">The latest requests that both read differently, newest first; at most 50, and none for a token below admin. Kept in the nodes' memory as long as the trial lasts.</param>
public sealed record ModelTraffic(string Model, ModelTrial? Trial, TrafficFigures Figures, IReadOnlyList<Disagreement> Disagreements);

/// <summary>Figures of requests, over all nodes. A node that ends takes what it counted along.</summary>
public sealed record TrafficFigures
{
    /// <summary>Since when it's counted.</summary>
    public required DateTimeOffset Since { get; init; }
    /// <summary>The version in production.</summary>
    public VersionTraffic? Production { get; init; }
    /// <summary>The version on trial.</summary>
    public VersionTraffic? Candidate { get; init; }
    /// <summary>Requests that both read.</summary>
    public long Compared { get; init; }
    /// <summary>Those of them on which both texts are the same.</summary>
    public long Agreed { get; init; }
    /// <summary>Their share; null where none was compared.</summary>
    public double? Agreement { get; init; }
    /// <summary>Requests that weren't compared, since too many comparisons were under way.</summary>
    public long Dropped { get; init; }
    /// <summary>Nodes that are up and didn't say what they counted.</summary>
    public IReadOnlyList<string> Silent { get; init; } = [];
}

/// <summary>What one version did.</summary>
public sealed record VersionTraffic
{
    /// <summary>The version.</summary>
    public required int Version { get; init; }
    /// <summary>Requests it answered.</summary>
    public long Answered { get; init; }
    /// <summary>Requests it read besides, for comparison.</summary>
    public long Shadowed { get; init; }
    /// <summary>Requests it failed on; those of a canary were answered by production.</summary>
    public long Errors { get; init; }
    /// <summary>Mean confidence of its readings.</summary>
    public double MeanConfidence { get; init; }
    /// <summary>Milliseconds to the replica and back, median.</summary>
    public double P50 { get; init; }
    /// <summary>95 % take no longer.</summary>
    public double P95 { get; init; }
    /// <summary>99 % take no longer.</summary>
    public double P99 { get; init; }
}

/// <summary>One request that two versions read differently.</summary>
/// <param name="Time">When.</param>
/// <param name="Production">What the version in production read.</param>
/// <param name="ProductionConfidence">How sure it was.</param>
/// <param name="Candidate">What the version on trial read.</param>
/// <param name="CandidateConfidence">How sure it was.</param>
public sealed record Disagreement(DateTimeOffset Time, string Production, double ProductionConfidence, string Candidate, double CandidateConfidence);

/// <summary>A part of a model's audit trail.</summary>
/// <param name="Model">The model.</param>
/// <param name="Entries">Who did what, when, on which evidence; newest first.</param>
/// <param name="Total">How many entries there are in all. None is ever taken out.</param>
public sealed record ModelHistory(string Model, IReadOnlyList<PromotionDecision> Entries, int Total);
