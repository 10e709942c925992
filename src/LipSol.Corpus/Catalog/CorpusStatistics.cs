using LipSol.Language.Lips;
using LipSol.Language.Text;

namespace LipSol.Corpus;

/// <summary>What is in a corpus, counted.</summary>
public sealed record CorpusStatistics
{
    /// <summary>Clips in all.</summary>
    public required int Clips { get; init; }
    /// <summary>Usable clips by split.</summary>
    public required IReadOnlyDictionary<Split, int> ClipsBySplit { get; init; }
    /// <summary>Speakers in ordinal order, each with its usable clips by split and whether it's seen in training.</summary>
    public required IReadOnlyList<SpeakerCount> Speakers { get; init; }
    /// <summary>Words, most frequent first, with their number in usable clips by split.</summary>
    public required IReadOnlyList<WordCount> Words { get; init; }
    /// <summary>Frames of all mouth clips.</summary>
    public required long Frames { get; init; }
    /// <summary>Of those, really tracked.</summary>
    public required long TrackedFrames { get; init; }
    /// <summary>Clips that can't be used, with the reason.</summary>
    public required IReadOnlyList<(string Path, string Reason)> Refused { get; init; }
    /// <summary>Groups of words that no lip reader can tell apart (Urdu words of the lexicon).</summary>
    public required IReadOnlyList<IReadOnlyList<string>> Homophenes { get; init; }
    /// <summary>Pairs of words that look alike on the lips, most alike first.</summary>
    public required IReadOnlyList<LookAlike> LookAlikes { get; init; }

    /// <summary>The share of frames that were really tracked; 1 before preparation.</summary>
    public double TrackedShare => Frames == 0 ? 1 : TrackedFrames / (double)Frames;

    /// <summary>Counts a corpus.</summary>
    public static CorpusStatistics Of(CorpusManifest manifest)
    {
        var usable = manifest.Clips.Where(c => c.Refused is null).ToArray();
        var trained = usable.Where(c => c.Split == Split.Train).Select(c => c.Speaker).ToHashSet();
        var words = usable.SelectMany(c => Transcripts.Words(c.Text).Select(word => (Word: word, c.Split))).GroupBy(x => x.Word)
            .Select(g => new WordCount(g.Key, BySplit(g.Select(x => x.Split))))
            .OrderByDescending(w => w.BySplit.Values.Sum()).ThenBy(w => w.Word, StringComparer.Ordinal).ToArray();
        var urdu = manifest.Language.StartsWith("ur", StringComparison.OrdinalIgnoreCase) ? words.Select(w => w.Word).ToArray() : [];
        return new CorpusStatistics
        {
            Clips = manifest.Clips.Count,
            ClipsBySplit = BySplit(usable.Select(c => c.Split)),
            Speakers = [.. usable.GroupBy(c => c.Speaker).OrderBy(g => g.Key, StringComparer.Ordinal)
                .Select(g => new SpeakerCount(g.Key, trained.Contains(g.Key), BySplit(g.Select(c => c.Split))))],
            Words = words,
            Frames = usable.Sum(c => (long)c.Frames),
            TrackedFrames = usable.Sum(c => (long)c.TrackedFrames),
            Refused = [.. manifest.Clips.Where(c => c.Refused is not null).Select(c => (c.Path, c.Refused!))],
            Homophenes = Language.Lips.Homophenes.Groups(urdu),
            LookAlikes = Language.Lips.Homophenes.Pairs(urdu),
        };
    }

    private static Dictionary<Split, int> BySplit(IEnumerable<Split> splits)
    {
        var counts = Enum.GetValues<Split>().ToDictionary(s => s, _ => 0);
        foreach (var split in splits) counts[split]++;
        return counts;
    }
}

/// <summary>A speaker's usable clips.</summary>
/// <param name="Speaker">The name in the corpus.</param>
/// <param name="Seen">Whether any of them is in <c>train</c>.</param>
/// <param name="BySplit">Clips by split.</param>
public sealed record SpeakerCount(string Speaker, bool Seen, IReadOnlyDictionary<Split, int> BySplit);

/// <summary>How often a word is said.</summary>
/// <param name="Word">The word.</param>
/// <param name="BySplit">Occurrences by split.</param>
public sealed record WordCount(string Word, IReadOnlyDictionary<Split, int> BySplit);
