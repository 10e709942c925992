namespace LipSol.Corpus.Samples;

/// <summary>Whether a word model can be trained and measured on a corpus.</summary>
public static class WordModelCheck
{
    /// <summary>What stands in the way; empty when nothing does.</summary>
    public static IReadOnlyList<CorpusProblem> Problems(CorpusManifest manifest)
    {
        var problems = new List<CorpusProblem>();
        void Problem(string message) => problems.Add(new CorpusProblem(manifest.Name, null, message));
        if (manifest.Clips.All(c => c.MouthClip is null)) Problem("has no mouth clips: prepare it first (`lipsol corpus import` or `lipsol corpus synth`)");
        var vocabulary = WordSamples.Vocabulary(manifest);
        if (vocabulary.Count == 1) Problem($"has one word only ('{vocabulary[0]}'): a word model needs at least two");
        foreach (var split in Enum.GetValues<Split>())
        {
            if (WordSamples.From(manifest, split).Samples.Count == 0) Problem($"has no usable clip in {split.ToString().ToLowerInvariant()}");
        }
        problems.AddRange(SplitLeaks.Problems(manifest));
        problems.AddRange(WordTimes.Problems(manifest));
        return problems;
    }

    /// <summary>What hinders nothing, but shows in the figures: clips of <c>val</c> and <c>test</c> with a word that no clip of <c>train</c> says. A word model can't read it, so it counts as read wrongly.</summary>
    public static IReadOnlyList<CorpusProblem> Remarks(CorpusManifest manifest)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        var known = WordSamples.Vocabulary(manifest).ToHashSet(StringComparer.Ordinal);
        if (known.Count == 0) return [];
        return [.. new[] { Split.Val, Split.Test }.SelectMany(split => WordSamples.From(manifest, split).Samples).Where(s => !known.Contains(s.Word)).GroupBy(s => s.Clip)
            .Select(g => new CorpusProblem(g.Key.Path, null, $"says {string.Join(' ', g.Select(s => $"'{s.Word}'").Distinct())}, which no clip in train says: a word model can't read it, and it counts as read wrongly. Correct the transcript, or move such a clip to train"))];
    }

    /// <summary>Throws where anything stands in the way.</summary>
    /// <exception cref="CorpusProblemsException">All that does.</exception>
    public static void Demand(CorpusManifest manifest) => CorpusProblemsException.ThrowIfAny(Problems(manifest));
}
