using LipSol.Language.Lips;

namespace LipSol.Corpus.Synthetic;

/// <summary>The takes of a synthetic corpus: who says what, when, and what each frame shows. A function of the options alone.</summary>
/// <remarks>
/// Nothing but the mouth tells the word: a clip's length, the word's length and place in it, the head and the light are drawn without regard to
/// it. The clip's middle frame lies in the word in a tenth of the takes, else before or
/// after it, where the mouth is at rest: a clip frozen to its middle frame must not give its word away.
/// </remarks>
public static class SyntheticScript
{
    private const double ShortestWord = 0.40, LongestWord = 0.50, MiddleInWord = 0.10, Margin = 0.04;

    /// <summary>All takes, in a fixed order. Frames are made one take at a time, as they are asked for.</summary>
    public static IEnumerable<SyntheticTake> Takes(SyntheticCorpusOptions options)
    {
        var valid = options.Checked();
        return Plan(valid).Select(take => Perform(valid, take.Speaker, take.Word, take.Split, take.Number));
    }

    /// <summary>How many takes there are.</summary>
    public static int Count(SyntheticCorpusOptions options) => Plan(options.Checked()).Count();

    private static IEnumerable<(SyntheticSpeaker Speaker, string Word, Split Split, int Number)> Plan(SyntheticCorpusOptions options) =>
        from speaker in SyntheticSpeaker.Cast(options)
        from split in Enum.GetValues<Split>()
        let takes = (speaker.Seen, split) switch
        {
            (true, Split.Train) => options.TrainTakes,
            (true, Split.Val) => options.ValTakes,
            (true, _) => options.TestTakes,
            (false, Split.Test) => options.UnseenTakes,
            _ => 0,
        }
        from word in options.Words
        from number in Enumerable.Range(1, takes)
        select (speaker, word, split, number);

    private static SyntheticTake Perform(SyntheticCorpusOptions options, SyntheticSpeaker speaker, string word, Split split, int number)
    {
        var place = UrduLexicon.Words.ToList().IndexOf(word) + 1;
        var id = $"{speaker.Name}/{split.ToString().ToLowerInvariant()}-{place:00}-{number:00}";
        // Streams of their own for timing, head and mouth: what one draws can't shift what the others see.
        var seed = split == Split.Test ? options.TestSeed : options.Seed;
        SeededRandom timing = SeededRandom.For(seed, id + "/timing"), head = SeededRandom.For(seed, id + "/head"), mouth = SeededRandom.For(seed, id + "/mouth");

        var frames = timing.Between(options.MinimumFrames, options.MaximumFrames);
        var (start, end) = Place(frames, options.FramesPerSecond, speaker, timing);
        var motion = new HeadMotion(speaker, frames / options.FramesPerSecond, head);
        var habits = new MouthHabits(speaker, mouth);
        var articulation = Articulation.Of(UrduLexicon.Pronounce(word).Visemes, start, end, speaker, mouth);
        var faces = Enumerable.Range(0, frames).Select(t => t / options.FramesPerSecond)
            .Select(time => habits.Apply(articulation.At(time), time, motion.At(time))).ToArray();
        return new SyntheticTake(id, speaker, word, split, start, end, options.FramesPerSecond, timing.Between(0, int.MaxValue - 1), faces);
    }

    private static (double Start, double End) Place(int frames, double rate, SyntheticSpeaker speaker, SeededRandom random)
    {
        var length = Math.Clamp((ShortestWord + LongestWord) / 2 * speaker.Tempo * (1 + random.Bell(0.06)), ShortestWord, LongestWord);
        // Before and after a word the lips are on their way; the middle frame is spared that too.
        var (latestEnd, earliestStart) = ((frames - 1) / 2 / rate - Articulation.Reach, frames / 2 / rate + Articulation.Reach);
        var (first, last) = (Margin, (frames - 1) / rate - length - Margin);
        var draw = random.Next();
        var start = draw < MiddleInWord ? frames / 2 / rate - length * random.Next()
            : draw < MiddleInWord + (1 - MiddleInWord) / 2 ? random.Between(first, Math.Max(first, latestEnd - length))
            : random.Between(Math.Min(earliestStart, last), last);
        start = Math.Round(Math.Clamp(start, first, last), 3);
        return (start, Math.Round(start + length, 3));
    }
}
