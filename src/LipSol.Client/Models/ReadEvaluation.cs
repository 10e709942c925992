namespace LipSol.Client;

/// <summary>How well the clips of a corpus' test split were read.</summary>
public abstract record ReadEvaluation
{
    /// <summary>The corpus.</summary>
    public required string Corpus { get; init; }
    /// <summary>MD5 of the corpus manifest.</summary>
    public required string DataHash { get; init; }
    /// <summary>What read the sentences; null where the model's default was asked for by no name, and for words.</summary>
    public string? Decoder { get; init; }
    /// <summary>Figures with their 95 % intervals: <c>word_accuracy</c>, <c>wer</c>, <c>cer</c>, <c>word_accuracy.seen</c>, ….</summary>
    public required IReadOnlyDictionary<string, Estimate> Figures { get; init; }
    /// <summary>What stands behind the figures: sizes, kinds of error, confusions, reliability.</summary>
    public EvaluationDetails? Details { get; init; }
    /// <summary>The samples with their readings, ordered by id.</summary>
    public required IReadOnlyList<SampleReading> Samples { get; init; }
    /// <summary>The samples with the most errors, worst first.</summary>
    public IReadOnlyList<SampleReading> Worst { get; init; } = [];
    /// <summary>What each decoder made of the same clips, <see cref="Decoder"/> among them; empty for words, and where one decoder was asked for.</summary>
    public IReadOnlyList<DecoderEvaluation> Decoders { get; init; } = [];
}

/// <summary>A version measured on a corpus' test split.</summary>
public sealed record ModelEvaluation : ReadEvaluation
{
    /// <summary>The model.</summary>
    public required string Model { get; init; }
    /// <summary>Its version.</summary>
    public required int Version { get; init; }
}

/// <summary>What a run measured at its end on the test split of the corpus that it was trained on.</summary>
public sealed record RunEvaluation : ReadEvaluation
{
    /// <summary>The run.</summary>
    public required string RunId { get; init; }
    /// <summary>Its name.</summary>
    public required string Run { get; init; }
}

/// <summary>What one of a model's decoders made of test clips.</summary>
public sealed record DecoderEvaluation
{
    /// <summary>Its name.</summary>
    public required string Decoder { get; init; }
    /// <summary>Figures with their 95 % intervals, as <see cref="ReadEvaluation.Figures"/>.</summary>
    public required IReadOnlyDictionary<string, Estimate> Figures { get; init; }
    /// <summary>The figures minus those of the evaluation's own decoder, clip by clip (paired bootstrap): an interval without 0 is a difference. Empty for that decoder itself.</summary>
    public IReadOnlyDictionary<string, Estimate> Differences { get; init; } = new Dictionary<string, Estimate>();
    /// <summary>Confidence of whole sentences against how often they're right.</summary>
    public Reliability? SampleReliability { get; init; }
    /// <summary>Confidence of single words.</summary>
    public Reliability? WordReliability { get; init; }
    /// <summary>The samples as it read them, ordered by id.</summary>
    public required IReadOnlyList<SampleReading> Samples { get; init; }
}
