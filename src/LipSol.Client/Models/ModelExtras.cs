namespace LipSol.Client;

/// <summary>Registers a run's model.</summary>
/// <param name="RunId">A completed run.</param>
public sealed record RegisterVersion(string RunId);

/// <summary>Goes back to the version before.</summary>
/// <param name="Reason">Why, for the record.</param>
public sealed record Rollback(string Reason);

/// <summary>Something that has to be known of a version before it's used.</summary>
/// <param name="Text">What.</param>
public sealed record MarkVersion(string Text);

/// <summary>What an alias points at.</summary>
/// <param name="Version">The version.</param>
public sealed record AliasTarget(int Version);

/// <summary>Measures a version on a corpus' test split.</summary>
/// <param name="Corpus">The corpus.</param>
/// <param name="Version">The version; null for the one in production.</param>
/// <param name="Decoder">What reads sentences: <c>greedy</c>, <c>beam</c>, <c>lexicon</c>, <c>grammar</c>; <see cref="AllDecoders"/> for each that the model has; null for its default.</param>
public sealed record Evaluate(string Corpus, int? Version, string? Decoder = null)
{
    /// <summary>As a decoder's name: every decoder that the model has, on the same clips. The figures of the evaluation are the default's; the others are in <see cref="ReadEvaluation.Decoders"/>.</summary>
    public const string AllDecoders = "all";
}

/// <summary>One test sample with its reading. Its id is the clip's, with <c>#n</c> for the n-th word; <see cref="CorporaClient.GetStripAsync"/> takes it.</summary>
public sealed record SampleReading(string Id, string Speaker, bool Seen, string Expected, string Text, double Confidence);
