using System.Text.Json.Serialization;

namespace LipSol.Language.Evaluation;

/// <summary>Every test sample of one model with its reading; stored as the artifact <c>evaluation.json</c>. Figures, intervals and the gate's paired test follow from it.</summary>
public sealed record Evaluation
{
    /// <summary>MD5 of the corpus manifest.</summary>
    public required string DataHash { get; init; }
    /// <summary>MD5 over the sorted sample ids and their expected texts: two evaluations can be paired if and only if it's equal.</summary>
    public required string TestHash { get; init; }
    /// <summary>The samples, ordered by id.</summary>
    public required IReadOnlyList<EvaluatedSample> Samples { get; init; }
}

/// <summary>One sample with its reading.</summary>
/// <param name="Id">Clip id, with <c>#n</c> for the n-th word of a clip (from 0).</param>
/// <param name="Speaker">Who speaks.</param>
/// <param name="Seen">Whether the speaker was in <c>train</c>.</param>
/// <param name="Expected">The transcript, normalised.</param>
/// <param name="Text">What was read.</param>
/// <param name="Confidence">0 to 1.</param>
/// <param name="EstimatedTimes">The word's times were estimated from the training set, not given.</param>
public sealed record EvaluatedSample(string Id, string Speaker, bool Seen, string Expected, string Text, double Confidence, bool EstimatedTimes = false)
{
    /// <summary>The words of <see cref="Text"/>, each with its own confidence; null where the model gives none, and in evaluations made before it was kept.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<EvaluatedWord>? Words { get; init; }

    /// <summary>MD5 of the recording's bytes: one recorded anew under the same id is another sample. Null in evaluations made before it was kept.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Recording { get; init; }
}

/// <summary>A word that was read.</summary>
/// <param name="Text">The word.</param>
/// <param name="Confidence">That it's right, 0 to 1.</param>
public sealed record EvaluatedWord(string Text, double Confidence);
