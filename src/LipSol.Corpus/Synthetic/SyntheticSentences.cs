using LipSol.Language.Lips;

namespace LipSol.Corpus.Synthetic;

/// <summary>Takes of one sentence each: a word of each slot of <see cref="UrduLexicon.Slots"/>, said in one breath, here and there with a pause.</summary>
/// <remarks>
/// A sentence belongs to one split, whatever the seeds and however many takes: none of <c>val</c> or <c>test</c> is said in <c>train</c>. How long a clip is, and how long
/// somebody speaks in it, is drawn without regard to the sentence; its words share that time by how much there is to say in each.
/// </remarks>
internal static class SyntheticSentences
{
    private const double ForTest = 0.2, ForVal = 0.1;
    // Seconds: of a sentence at average tempo, of the rest before and after it, of a pause between two words.
    private const double Speech = 2.2, ShortestRest = 0.24, LongestRest = 0.6, PauseChance = 0.15, ShortestPause = 0.08, LongestPause = 0.24;

    public static IEnumerable<ScriptLine> Plan(SyntheticCorpusOptions options) =>
        from speaker in SyntheticSpeaker.Cast(options)
        from split in Enum.GetValues<Split>()
        from number in Enumerable.Range(1, SyntheticScript.Takes(options, speaker.Seen, split))
        let id = $"{speaker.Name}/{split.ToString().ToLowerInvariant()}-{number:000}"
        select new ScriptLine(id, speaker, split, Draw(split, SeededRandom.For(split == Split.Test ? options.TestSeed : options.Seed, id + "/sentence")));

    public static (int Frames, IReadOnlyList<WordTime> Words) Place(ScriptLine line, SyntheticCorpusOptions options, SeededRandom random)
    {
        var speech = Speech * line.Speaker.Tempo * (1 + random.Bell(0.05));
        var (before, after) = (random.Between(ShortestRest, LongestRest), random.Between(ShortestRest, LongestRest));
        var frames = (int)Math.Ceiling((before + speech + after) * options.FramesPerSecond) + 1;

        var pauses = Enumerable.Range(0, line.Words.Count - 1).Select(_ => random.Next() < PauseChance ? random.Between(ShortestPause, LongestPause) : 0).ToArray();
        // Short words are longer than their sounds ask for.
        var shares = line.Words.Select(word => (1 + 0.5 * UrduLexicon.Pronounce(word).Visemes.Sum(Articulation.Timing)) * (1 + random.Bell(0.06))).ToArray();
        var unit = (speech - pauses.Sum()) / shares.Sum();
        var words = new WordTime[line.Words.Count];
        var from = before;
        for (var i = 0; i < words.Length; i++)
        {
            var to = from + shares[i] * unit;
            words[i] = new WordTime(line.Words[i], Math.Round(from, 3), Math.Round(to, 3));
            from = to + (i < pauses.Length ? pauses[i] : 0);
        }
        return (frames, words);
    }

    private static IReadOnlyList<string> Draw(Split split, SeededRandom random)
    {
        while (true)
        {
            string[] words = [.. UrduLexicon.Slots.Select(slot => slot[random.Between(0, slot.Count - 1)])];
            if (SplitOf(words) == split) return words;
        }
    }

    /// <summary>The split that a sentence is kept for.</summary>
    internal static Split SplitOf(IEnumerable<string> words) => SeededRandom.For(0, string.Join(' ', words)).Next() switch
    {
        < ForTest => Split.Test,
        < ForTest + ForVal => Split.Val,
        _ => Split.Train,
    };
}
