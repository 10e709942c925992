using LipSol.Language.Lips;

namespace LipSol.Corpus.Synthetic;

/// <summary>Takes of one word each.</summary>
/// <remarks>
/// A clip's length, and the word's length and place in it, are drawn without regard to the word. The clip's middle frame lies in the word in a tenth of the takes, else before or
/// after it, where the mouth is at rest: a clip frozen to its middle frame must not give its word away.
/// </remarks>
internal static class SyntheticWords
{
    private const double ShortestWord = 0.40, LongestWord = 0.50, MiddleInWord = 0.10, Margin = 0.04;

    public static IEnumerable<ScriptLine> Plan(SyntheticCorpusOptions options)
    {
        var places = UrduLexicon.Words.ToList();
        return from speaker in SyntheticSpeaker.Cast(options)
               from split in Enum.GetValues<Split>()
               from word in options.Words
               from number in Enumerable.Range(1, SyntheticScript.Takes(options, speaker.Seen, split))
               select new ScriptLine($"{speaker.Name}/{split.ToString().ToLowerInvariant()}-{places.IndexOf(word) + 1:00}-{number:00}", speaker, split, [word]);
    }

    public static (int Frames, IReadOnlyList<WordTime> Words) Place(ScriptLine line, SyntheticCorpusOptions options, SeededRandom random)
    {
        var (frames, rate) = (random.Between(options.MinimumFrames, options.MaximumFrames), options.FramesPerSecond);
        var length = Math.Clamp((ShortestWord + LongestWord) / 2 * line.Speaker.Tempo * (1 + random.Bell(0.06)), ShortestWord, LongestWord);
        // Before and after a word the lips are on their way; the middle frame is spared that too.
        var (latestEnd, earliestStart) = ((frames - 1) / 2 / rate - Articulation.Reach, frames / 2 / rate + Articulation.Reach);
        var (first, last) = (Margin, (frames - 1) / rate - length - Margin);
        var draw = random.Next();
        var start = draw < MiddleInWord ? frames / 2 / rate - length * random.Next()
            : draw < MiddleInWord + (1 - MiddleInWord) / 2 ? random.Between(first, Math.Max(first, latestEnd - length))
            : random.Between(Math.Min(earliestStart, last), last);
        start = Math.Round(Math.Clamp(start, first, last), 3);
        return (frames, [new WordTime(line.Words[0], start, Math.Round(start + length, 3))]);
    }
}
