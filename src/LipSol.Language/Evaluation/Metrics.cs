using LipSol.Language.Scoring;

namespace LipSol.Language.Evaluation;

/// <summary>One figure of an evaluation by name: <c>word_accuracy</c>, <c>wer</c>, <c>cer</c> or <c>sentence_accuracy</c>, over all samples or over
/// those of <c>.seen</c>, <c>.unseen</c> or <c>.speaker:NAME</c>.</summary>
public sealed record Metric
{
    /// <summary>1 − WER, at least 0.</summary>
    public const string WordAccuracy = "word_accuracy";
    /// <summary>Word error rate.</summary>
    public const string Wer = "wer";
    /// <summary>Character error rate.</summary>
    public const string Cer = "cer";
    /// <summary>Share of samples without an error.</summary>
    public const string SentenceAccuracy = "sentence_accuracy";

    private const string SpeakerScope = "speaker:";

    private Metric(string kind, string scope) => (Kind, Scope) = (kind, scope);

    /// <summary>The name without the scope.</summary>
    public string Kind { get; }

    /// <summary>Empty, <c>seen</c>, <c>unseen</c> or <c>speaker:NAME</c>.</summary>
    public string Scope { get; }

    /// <summary>Whether a larger value is the better one.</summary>
    public bool HigherIsBetter => Kind is WordAccuracy or SentenceAccuracy;

    /// <summary>Reads a figure's name.</summary>
    /// <exception cref="ArgumentException">No such figure; the message lists those there are.</exception>
    public static Metric Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        var (kind, scope) = dot < 0 ? (name, "") : (name[..dot], name[(dot + 1)..]);
        if (kind is not (WordAccuracy or Wer or Cer or SentenceAccuracy)
            || !(scope is "seen" or "unseen" || scope.Length == 0 && dot < 0 || scope.StartsWith(SpeakerScope, StringComparison.Ordinal)))
        {
            throw new ArgumentException($"There is no metric '{name}'. There are {WordAccuracy}, {Wer}, {Cer} and {SentenceAccuracy}, "
                + "each also with .seen, .unseen or .speaker:NAME.", nameof(name));
        }
        return new Metric(kind, scope);
    }

    /// <summary>The name.</summary>
    public override string ToString() => Scope.Length == 0 ? Kind : $"{Kind}.{Scope}";

    internal bool Covers(EvaluatedSample sample) => Scope switch
    {
        "" => true,
        "seen" => sample.Seen,
        "unseen" => !sample.Seen,
        _ => sample.Speaker == Scope[SpeakerScope.Length..],
    };

    internal double Value(ErrorCounts counts)
    {
        var rates = counts.Rates();
        return Kind switch { Wer => rates.Wer, Cer => rates.Cer, SentenceAccuracy => rates.SentenceAccuracy, _ => rates.WordAccuracy };
    }
}
