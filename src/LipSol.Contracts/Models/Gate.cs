using LipSol.Contracts.Runs;

namespace LipSol.Contracts.Models;

/// <summary>Asks for a version to be judged and, where it passes, put into production.</summary>
[GenerateSerializer, Alias("lipsol.PromotionRequest"), Immutable]
public sealed record PromotionRequest
{
    /// <summary>The version.</summary>
    [Id(0)] public required int Version { get; init; }
    /// <summary>What it must show.</summary>
    [Id(1)] public GatePolicy Policy { get; init; } = new();
    /// <summary>
    /// Names this one promotion, e.g. by the run of a pipeline; at most 200 characters. Asked for again under the same key, the decision made the first time is the answer, also where something else is in production by now.
    /// One that came to nothing only since a node couldn't load the version is made anew. Empty: each request is a promotion of its own.
    /// </summary>
    [Id(2)] public string Key { get; init; } = "";
    /// <summary>Who asks, for the audit trail.</summary>
    [Id(3)] public string By { get; init; } = "";
    /// <summary>Why, for the audit trail.</summary>
    [Id(4)] public string Note { get; init; } = "";
}

/// <summary>
/// What a version must show before it is promoted: every threshold reached, and better than the version in production by <see cref="Metric"/>.
/// A metric is <c>word_accuracy</c>, <c>sentence_accuracy</c> (higher is better), <c>wer</c>, <c>cer</c> or <c>ger</c> (lower is better), alone or with <c>.seen</c>, <c>.unseen</c> or <c>.speaker:NAME</c>.
/// </summary>
[GenerateSerializer, Alias("lipsol.GatePolicy"), Immutable]
public sealed record GatePolicy
{
    /// <summary>The figure by which it's compared with the version in production.</summary>
    [Id(0)] public string Metric { get; init; } = "word_accuracy";
    /// <summary>What that figure must reach; null: it need only be better.</summary>
    [Id(1)] public double? Threshold { get; init; } = 0.8;
    /// <summary>Confidence that it beats the version in production, by paired bootstrap.</summary>
    [Id(2)] public double Confidence { get; init; } = 0.95;
    /// <summary>Further figures that must reach something, by metric.</summary>
    [Id(3)] public Dictionary<string, double> Thresholds { get; init; } = [];
}

/// <summary>What the gate found. The decision itself holds the two figures compared and the share of resamples in which the version is the better one.</summary>
[GenerateSerializer, Alias("lipsol.GateEvidence"), Immutable]
public sealed record GateEvidence
{
    /// <summary>Whether it passes. A version that does and isn't promoted couldn't be loaded.</summary>
    [Id(0)] public required bool Passes { get; init; }
    /// <summary>Every threshold with the version's figure.</summary>
    [Id(1)] public required List<GateCheck> Checks { get; init; }
    /// <summary>MD5 of the manifest of the corpus that it was measured on.</summary>
    [Id(2)] public required string DataHash { get; init; }
    /// <summary>MD5 over the test samples and what is said in them.</summary>
    [Id(3)] public required string TestHash { get; init; }
    /// <summary>MD5 of its results, clip by clip: <c>evaluation.json</c>.</summary>
    [Id(4)] public required string Evaluation { get; init; }
    /// <summary>The comparison with the version in production; null where nothing was.</summary>
    [Id(5)] public GateComparison? Comparison { get; init; }
}

/// <summary>A threshold and the figure that reaches it or doesn't.</summary>
[GenerateSerializer, Alias("lipsol.GateCheck"), Immutable]
public sealed record GateCheck([property: Id(0)] string Metric, [property: Id(1)] double Threshold, [property: Id(2)] Estimate Figure, [property: Id(3)] bool Passes);

/// <summary>The candidate against the version in production, clip by clip (paired bootstrap).</summary>
[GenerateSerializer, Alias("lipsol.GateComparison"), Immutable]
public sealed record GateComparison
{
    /// <summary>Whether the candidate is better at the confidence asked for.</summary>
    [Id(0)] public required bool Passes { get; init; }
    /// <summary>The candidate's figure minus that of production, with its 95 % interval.</summary>
    [Id(1)] public required Estimate Difference { get; init; }
    /// <summary>Test clips drawn from.</summary>
    [Id(2)] public required int Clips { get; init; }
    /// <summary>Draws.</summary>
    [Id(3)] public required int Resamples { get; init; }
    /// <summary>MD5 of production's results on the same clips.</summary>
    [Id(4)] public required string Evaluation { get; init; }
    /// <summary>Production had no results on these clips and was measured on them for this.</summary>
    [Id(5)] public bool MeasuredForThis { get; init; }
}
