using LipSol.Language.Scoring;
using LipSol.Language.Text;

namespace LipSol.Language.Evaluation;

/// <summary>One figure of an evaluation by name: <c>word_accuracy</c>, <c>wer</c>, <c>cer</c>, <c>ger</c> or <c>sentence_accuracy</c>, over all samples or
/// over those of <c>.seen</c>, <c>.unseen</c> or <c>.speaker:NAME</c>.</summary>
public sealed record Metric
{
    /// <summary>1 − WER, at least 0.</summary>
    public const string WordAccuracy = "word_accuracy";
    /// <summary>Word error rate.</summary>
    public const string Wer = "wer";
    /// <summary>Character error rate.</summary>
    public const string Cer = "cer";
    /// <summary>Grapheme error rate.</summary>
    public const string Ger = "ger";
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
        if (kind is not (WordAccuracy or Wer or Cer or Ger or SentenceAccuracy)
            || !(scope is "seen" or "unseen" || scope.Length == 0 && dot < 0 || scope.StartsWith(SpeakerScope, StringComparison.Ordinal)))
        {
            throw new ArgumentException($"There is no metric '{name}'. There are {WordAccuracy}, {Wer}, {Cer}, {Ger} and {SentenceAccuracy}, "
                + "each also with .seen, .unseen or .speaker:NAME.", nameof(name));
        }
        return new Metric(kind, scope);
    }

    /// <summary>The name.</summary>
    public override string ToString() => Scope.Length == 0 ? Kind : $"{Kind}.{Scope}";

    /// <summary>The kinds that say something about these samples: sentence accuracy where a sample has several words, grapheme errors where a grapheme has several code points.</summary>
    internal static string[] KindsFor(IReadOnlyCollection<EvaluatedSample> samples)
    {
        var sentences = samples.Any(s => s.Expected.Contains(' ', StringComparison.Ordinal));
        var graphemes = samples.Any(s => HasLongGraphemes(s.Expected) || HasLongGraphemes(s.Text));
        return [WordAccuracy, Wer, Cer, .. graphemes ? [Ger] : Array.Empty<string>(), .. sentences ? [SentenceAccuracy] : Array.Empty<string>()];
    }

    /// <summary>Empty (all samples), <c>seen</c>, <c>unseen</c> and every speaker's; scopes without a sample included.</summary>
    internal static IReadOnlyList<string> ScopesOf(IEnumerable<EvaluatedSample> samples) =>
        ["", "seen", "unseen", .. samples.Select(s => s.Speaker).Distinct().Order(StringComparer.Ordinal).Select(s => SpeakerScope + s)];

    /// <summary>The figure of this kind in a scope.</summary>
    internal static Metric In(string scope, string kind) => new(kind, scope);

    private static bool HasLongGraphemes(string text) => Graphemes.Keys(text).Length < ErrorCounts.CodePoints(text).Length;

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
        return Kind switch { Wer => rates.Wer, Cer => rates.Cer, Ger => rates.Ger, SentenceAccuracy => rates.SentenceAccuracy, _ => rates.WordAccuracy };
    }
}
