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
        return problems;
    }

    /// <summary>Throws where anything stands in the way.</summary>
    /// <exception cref="CorpusProblemsException">All that does.</exception>
    public static void Demand(CorpusManifest manifest) => CorpusProblemsException.ThrowIfAny(Problems(manifest));
}
