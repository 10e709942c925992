using LipSol.Language.Evaluation;
using LipSol.Language.Text;

namespace LipSol.Corpus.Samples;

/// <summary>A corpus as single words: each word of each usable clip is a sample.</summary>
/// <remarks>
/// A clip of one word without times is a sample as a whole. Where a clip of several words has no times, each word gets the mean start and end
/// of the training clips' word at that place (of as many words; else an even share of the clip), and says so.
/// </remarks>
public sealed class WordSamples
{
    private const double FallbackRate = 25;

    private WordSamples(IReadOnlyList<WordSample> samples) => Samples = samples;

    /// <summary>The samples, ordered by id.</summary>
    public IReadOnlyList<WordSample> Samples { get; }

    /// <summary>Identifies these samples in an evaluation (see <see cref="Evaluation.TestHash"/>).</summary>
    public string TestHash => EvaluationFile.TestHash(Samples.Select(s => (s.Id, s.Word, (string?)s.Clip.ContentHash)));

    /// <summary>The words said in <c>train</c>, in ordinal order: equal corpora give equal class numbers.</summary>
    public static IReadOnlyList<string> Vocabulary(CorpusManifest manifest) =>
        [.. Usable(manifest).Where(c => c.Split == Split.Train).SelectMany(Spoken).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>The samples of one split. Refused and unprepared clips have none.</summary>
    public static WordSamples From(CorpusManifest manifest, Split split)
    {
        var rate = manifest.Crops?.FramesPerSecond ?? FallbackRate;
        var train = Usable(manifest).Where(c => c.Split == Split.Train).ToArray();
        var seen = train.Select(c => c.Speaker).ToHashSet();
        var means = new Lazy<IReadOnlyDictionary<int, (double Start, double End)[]>>(() => MeanTimes(train));
        return new WordSamples([.. Usable(manifest).Where(c => c.Split == split)
            .SelectMany(clip => Of(clip, rate, seen.Contains(clip.Speaker), means)).OrderBy(s => s.Id, StringComparer.Ordinal)]);
    }

    private static IEnumerable<CorpusClip> Usable(CorpusManifest manifest) => manifest.Clips.Where(c => c is { MouthClip: not null, Refused: null });

    private static IEnumerable<string> Spoken(CorpusClip clip) => clip.Words.Count > 0 ? clip.Words.Select(w => w.Word) : Transcripts.Words(clip.Text);

    private static IEnumerable<WordSample> Of(CorpusClip clip, double rate, bool seen, Lazy<IReadOnlyDictionary<int, (double Start, double End)[]>> means)
    {
        if (clip.Words.Count > 0) return clip.Words.Select((w, n) => new WordSample($"{clip.Id}#{n}", clip, w.Word, w.Start, w.End, seen, clip.WordsFoundBy is not null));
        var words = Transcripts.Words(clip.Text);
        var length = clip.Frames / rate;
        if (words.Length == 1) return [new WordSample($"{clip.Id}#0", clip, words[0], 0, length, seen, false)];
        var times = means.Value.TryGetValue(words.Length, out var mean) ? mean
            : [.. words.Select((_, n) => (Start: n * length / words.Length, End: (n + 1) * length / words.Length))];
        return words.Select((word, n) => new WordSample($"{clip.Id}#{n}", clip, word, times[n].Start, times[n].End, seen, true));
    }

    private static Dictionary<int, (double Start, double End)[]> MeanTimes(IEnumerable<CorpusClip> train) =>
        train.Where(c => c.Words.Count > 0).GroupBy(c => c.Words.Count).ToDictionary(g => g.Key, g =>
            Enumerable.Range(0, g.Key).Select(n => (g.Average(c => c.Words[n].Start), g.Average(c => c.Words[n].End))).ToArray());
}
