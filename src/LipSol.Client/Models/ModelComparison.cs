namespace LipSol.Client;

/// <summary>Compares two versions on a corpus' test split.</summary>
/// <param name="Corpus">The corpus.</param>
/// <param name="Candidate">One version.</param>
/// <param name="Against">The other.</param>
/// <param name="Decoder">What reads sentences, with both; null for each model's default.</param>
public sealed record CompareVersions(string Corpus, VersionName Candidate, VersionName Against, string? Decoder = null);

/// <summary>A version by name.</summary>
/// <param name="Model">The model.</param>
/// <param name="Version">The version; null for the one in production.</param>
public sealed record VersionName(string Model, int? Version);

/// <summary>Two versions on the same test clips.</summary>
public sealed record ModelComparison
{
    /// <summary>One version.</summary>
    public required ComparedVersion Candidate { get; init; }
    /// <summary>The other.</summary>
    public required ComparedVersion Against { get; init; }
    /// <summary>The corpus.</summary>
    public required string Corpus { get; init; }
    /// <summary>MD5 of the corpus manifest.</summary>
    public required string DataHash { get; init; }
    /// <summary>Figures: <c>word_accuracy</c>, <c>wer</c>, <c>cer</c>, each also <c>.seen</c> (speakers that both versions were trained on), <c>.unseen</c> (that neither was) and <c>.speaker:NAME</c>.</summary>
    public required IReadOnlyDictionary<string, ComparedFigure> Figures { get; init; }
    /// <summary>The samples on which the candidate errs most; among equals, those that the other version reads right first.</summary>
    public required IReadOnlyList<ComparedReading> Worst { get; init; }
    /// <summary>All samples, ordered by id.</summary>
    public required IReadOnlyList<ComparedReading> Samples { get; init; }
}

/// <summary>A version in a comparison.</summary>
/// <param name="Model">The model.</param>
/// <param name="Version">The version.</param>
/// <param name="RunId">The run that trained it.</param>
/// <param name="DataHash">MD5 of the corpus manifest it was trained on.</param>
public sealed record ComparedVersion(string Model, int Version, string RunId, string DataHash);

/// <summary>A figure of two versions, with what lies between them.</summary>
/// <param name="Candidate">The candidate's, with its 95 % interval.</param>
/// <param name="Against">The other's.</param>
/// <param name="Difference">The candidate's minus the other's; the interval is that of the paired bootstrap over clips.</param>
/// <param name="ProbabilityBetter">Share of resampled test sets on which the candidate is better; a tie counts half.</param>
/// <param name="Clips">Test clips behind it; <see cref="Estimate.Count"/> tells the samples.</param>
public sealed record ComparedFigure(Estimate Candidate, Estimate Against, Estimate Difference, double ProbabilityBetter, int Clips);

/// <summary>One test sample as two versions read it.</summary>
public sealed record ComparedReading
{
    /// <summary>The sample: the clip, with <c>#n</c> for its n-th word. <see cref="CorporaClient.GetStripAsync"/> takes it.</summary>
    public required string Id { get; init; }
    /// <summary>Who speaks.</summary>
    public required string Speaker { get; init; }
    /// <summary>Whether the candidate was trained on the speaker.</summary>
    public required bool Seen { get; init; }
    /// <summary>Whether the other version was.</summary>
    public required bool SeenByOther { get; init; }
    /// <summary>What was said.</summary>
    public required string Expected { get; init; }
    /// <summary>What the candidate read.</summary>
    public required string Text { get; init; }
    /// <summary>How sure it is.</summary>
    public required double Confidence { get; init; }
    /// <summary>What the other version read.</summary>
    public required string OtherText { get; init; }
    /// <summary>How sure that one is.</summary>
    public required double OtherConfidence { get; init; }
}
