namespace LipSol.Corpus.Import;

/// <summary>Divides a corpus that has no split into train, val and test, by seed: equal clips and seed give the equal division.</summary>
internal static class Division
{
    public static IReadOnlyDictionary<string, Split> Of(IReadOnlyList<CorpusClip> clips, ImportOptions options, out string by, out CorpusProblem? problem)
    {
        problem = null;
        var speakers = clips.Select(c => c.Speaker).Distinct().Count();
        var bySpeaker = options.SplitBy == SplitBy.Speaker || options.SplitBy == SplitBy.Auto && speakers >= 3;
        by = bySpeaker ? "speaker" : "sentence";
        var random = new Random(options.Seed);
        if (bySpeaker && speakers < 3)
        {
            problem = new CorpusProblem(".", null, $"{speakers} speaker(s) can't be divided into train, val and test by speaker: divide by sentence, or give a split in labels.csv");
            return new Dictionary<string, Split>();
        }
        var oneWord = clips.All(c => !c.Text.Contains(' ', StringComparison.Ordinal));
        if (bySpeaker) return Deal(clips.GroupBy(c => c.Speaker), random, options);
        if (!oneWord) return Deal(clips.GroupBy(c => c.Text), random, options);
        // Single words: every word must be in every split, so each word's clips are dealt out by themselves.
        return clips.GroupBy(c => c.Text).OrderBy(g => g.Key, StringComparer.Ordinal)
            .SelectMany(word => Deal(word.GroupBy(c => c.Path), random, options)).ToDictionary(p => p.Key, p => p.Value);
    }

    private static Dictionary<string, Split> Deal(IEnumerable<IGrouping<string, CorpusClip>> groups, Random random, ImportOptions options)
    {
        var shuffled = groups.OrderBy(g => g.Key, StringComparer.Ordinal).ToArray();
        random.Shuffle(shuffled);
        var test = Math.Max(1, (int)Math.Round(shuffled.Length * options.TestShare));
        var val = Math.Max(1, (int)Math.Round(shuffled.Length * options.ValShare));
        return shuffled.SelectMany((g, i) => g.Select(c => (c.Path, Split: i < test ? Split.Test : i < test + val ? Split.Val : Split.Train)))
            .ToDictionary(x => x.Path, x => x.Split);
    }
}
