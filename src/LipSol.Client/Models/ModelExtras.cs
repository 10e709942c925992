namespace LipSol.Client;

/// <summary>Registers a run's model.</summary>
/// <param name="RunId">A completed run.</param>
public sealed record RegisterVersion(string RunId);

/// <summary>Goes back to the version before.</summary>
/// <param name="Reason">Why, for the record.</param>
public sealed record Rollback(string Reason);

/// <summary>What an alias points at.</summary>
/// <param name="Version">The version.</param>
public sealed record AliasTarget(int Version);

/// <summary>Measures a version on a corpus' test split.</summary>
/// <param name="Corpus">The corpus.</param>
/// <param name="Version">The version; null for the one in production.</param>
/// <param name="Decoder">What reads sentences: <c>greedy</c>, <c>beam</c>, <c>lexicon</c>, <c>grammar</c>; null for the model's default.</param>
public sealed record Evaluate(string Corpus, int? Version, string? Decoder = null);

/// <summary>A version measured on a corpus' test split.</summary>
public sealed record ModelEvaluation
{
    /// <summary>The model.</summary>
    public required string Model { get; init; }
    /// <summary>Its version.</summary>
    public required int Version { get; init; }
    /// <summary>The corpus.</summary>
    public required string Corpus { get; init; }
    /// <summary>MD5 of the corpus manifest.</summary>
    public required string DataHash { get; init; }
    /// <summary>Figures with their 95 % intervals: <c>word_accuracy</c>, <c>wer</c>, <c>cer</c>, <c>word_accuracy.seen</c>, ….</summary>
    public required IReadOnlyDictionary<string, Estimate> Figures { get; init; }
    /// <summary>What stands behind the figures: sizes, kinds of error, confusions, reliability.</summary>
    public EvaluationDetails? Details { get; init; }
    /// <summary>The samples with their readings, ordered by id.</summary>
    public required IReadOnlyList<SampleReading> Samples { get; init; }
    /// <summary>The samples with the most errors, worst first.</summary>
    public IReadOnlyList<SampleReading> Worst { get; init; } = [];
}

/// <summary>One test sample with its reading. Its id is the clip's, with <c>#n</c> for the n-th word; <see cref="CorporaClient.GetStripAsync"/> takes it.</summary>
public sealed record SampleReading(string Id, string Speaker, bool Seen, string Expected, string Text, double Confidence);
