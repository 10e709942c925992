using LipSol.Language.Decoding;
using LipSol.Language.Evaluation;

namespace LipSol.Corpus.Samples;

/// <summary>A corpus as sentences: each usable clip with its transcript is a sample.</summary>
public sealed class SentenceSamples
{
    private SentenceSamples(IReadOnlyList<SentenceSample> samples) => Samples = samples;

    /// <summary>The samples, ordered by id.</summary>
    public IReadOnlyList<SentenceSample> Samples { get; }

    /// <summary>Identifies these samples in an evaluation (see <see cref="Evaluation.TestHash"/>).</summary>
    public string TestHash => EvaluationFile.TestHash(Samples.Select(s => (s.Id, s.Text, (string?)s.Clip.ContentHash)));

    /// <summary>The letters said in <c>train</c>.</summary>
    public static Alphabet Alphabet(CorpusManifest manifest) => Language.Decoding.Alphabet.From(From(manifest, Split.Train).Samples.Select(s => s.Text));

    /// <summary>The samples of one split. Refused and unprepared clips have none.</summary>
    public static SentenceSamples From(CorpusManifest manifest, Split split)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        var usable = manifest.Clips.Where(c => c is { MouthClip: not null, Refused: null }).ToArray();
        var seen = usable.Where(c => c.Split == Split.Train).Select(c => c.Speaker).ToHashSet();
        return new SentenceSamples([.. usable.Where(c => c.Split == split).Select(c => new SentenceSample(c, seen.Contains(c.Speaker))).OrderBy(s => s.Id, StringComparer.Ordinal)]);
    }
}
