namespace LipSol.Client;

/// <summary>What stands behind the figures of an evaluation.</summary>
public sealed record EvaluationDetails
{
    /// <summary>Sizes and kinds of error by scope: <c>all</c>, <c>seen</c>, <c>unseen</c>, <c>speaker:NAME</c>.</summary>
    public required IReadOnlyDictionary<string, EvaluationScope> Scopes { get; init; }
    /// <summary>Which word was read as which, those read right among them, most frequent first. The empty text stands for nothing: said and not read, or read and not said.</summary>
    public required IReadOnlyList<ReadAs> Words { get; init; }
    /// <summary>Which letter was read as which (code points, the space among them).</summary>
    public required IReadOnlyList<ReadAs> Letters { get; init; }
    /// <summary>Which viseme, by name, was read as which.</summary>
    public required IReadOnlyList<ReadAs> Visemes { get; init; }
    /// <summary>Words, said or read, that <see cref="Visemes"/> leaves out since it isn't known what they look like.</summary>
    public required int WordsWithoutVisemes { get; init; }
    /// <summary>Confidence of whole samples against how often they're right.</summary>
    public Reliability? SampleReliability { get; init; }
    /// <summary>Confidence of single words; null where the model gives the words of its sentences none.</summary>
    public Reliability? WordReliability { get; init; }
}

/// <summary>What the figures of one scope stand on, and what kinds of error they count.</summary>
/// <param name="Samples">Samples.</param>
/// <param name="Clips">Clips they come from.</param>
/// <param name="Speakers">Speakers.</param>
/// <param name="SpeakersDrawn">Speakers that the intervals draw, as they do clips; where it's fewer than <paramref name="Speakers"/>, an interval is about these speakers only.</param>
/// <param name="Words">Errors of words.</param>
/// <param name="Letters">Errors of letters, spaces included.</param>
public sealed record EvaluationScope(int Samples, int Clips, int Speakers, int SpeakersDrawn, ErrorKinds Words, ErrorKinds Letters);

/// <summary>Errors by their kind.</summary>
/// <param name="Said">How many were said.</param>
/// <param name="Substitutions">Read as something else.</param>
/// <param name="Deletions">Said and not read.</param>
/// <param name="Insertions">Read and not said.</param>
public sealed record ErrorKinds(long Said, long Substitutions, long Deletions, long Insertions)
{
    /// <summary>All errors.</summary>
    public long Errors => Substitutions + Deletions + Insertions;
}

/// <summary>How often one thing was read as another, or as itself.</summary>
/// <param name="Said">What was said; empty for nothing.</param>
/// <param name="Read">What was read; empty for nothing.</param>
/// <param name="Count">How often.</param>
public sealed record ReadAs(string Said, string Read, int Count);

/// <summary>Confidence against accuracy.</summary>
/// <param name="ExpectedError">Expected calibration error: 0 (confidence means what it says) to 1.</param>
/// <param name="Bins">Bins of equal width from 0 to 1, empty ones included.</param>
public sealed record Reliability(double ExpectedError, IReadOnlyList<ReliabilityBin> Bins);

/// <summary>The answers whose confidence is in (<paramref name="Low"/>, <paramref name="High"/>].</summary>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
/// <param name="Confidence">Their mean confidence.</param>
/// <param name="Accuracy">The share of them that is right.</param>
/// <param name="Count">How many.</param>
public sealed record ReliabilityBin(double Low, double High, double Confidence, double Accuracy, int Count);
