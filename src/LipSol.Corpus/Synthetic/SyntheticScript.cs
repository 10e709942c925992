namespace LipSol.Corpus.Synthetic;

/// <summary>The takes of a synthetic corpus: who says what, when, and what each frame shows. A function of the options alone.</summary>
/// <remarks>Nothing but the mouth tells what is said: the clip's length, the head and the light are drawn without regard to it (see <see cref="SyntheticWords"/> and <see cref="SyntheticSentences"/>).</remarks>
public static class SyntheticScript
{
    /// <summary>All takes, in a fixed order. Frames are made one take at a time, as they are asked for.</summary>
    public static IEnumerable<SyntheticTake> Takes(SyntheticCorpusOptions options)
    {
        var valid = options.Checked();
        return Plan(valid).Select(line => Perform(valid, line));
    }

    /// <summary>How many takes there are.</summary>
    public static int Count(SyntheticCorpusOptions options) => Plan(options.Checked()).Count();

    /// <summary>So many takes of each kind a speaker gives.</summary>
    internal static int Takes(SyntheticCorpusOptions options, bool seen, Split split) => (seen, split) switch
    {
        (true, Split.Train) => options.TrainTakes,
        (true, Split.Val) => options.ValTakes,
        (true, _) => options.TestTakes,
        (false, Split.Test) => options.UnseenTakes,
        _ => 0,
    };

    private static IEnumerable<ScriptLine> Plan(SyntheticCorpusOptions options) => options.Sentences ? SyntheticSentences.Plan(options) : SyntheticWords.Plan(options);

    private static SyntheticTake Perform(SyntheticCorpusOptions options, ScriptLine line)
    {
        var (speaker, rate) = (line.Speaker, options.FramesPerSecond);
        // Streams of their own for timing, head and mouth: what one draws can't shift what the others see.
        var seed = line.Split == Split.Test ? options.TestSeed : options.Seed;
        SeededRandom timing = SeededRandom.For(seed, line.Id + "/timing"), head = SeededRandom.For(seed, line.Id + "/head"), mouth = SeededRandom.For(seed, line.Id + "/mouth");

        var (frames, words) = options.Sentences ? SyntheticSentences.Place(line, options, timing) : SyntheticWords.Place(line, options, timing);
        var motion = new HeadMotion(speaker, frames / rate, head);
        var habits = new MouthHabits(speaker, mouth);
        var articulation = Articulation.Of(words, speaker, mouth);
        var faces = Enumerable.Range(0, frames).Select(t => t / rate).Select(time => habits.Apply(articulation.At(time), time, motion.At(time))).ToArray();
        return new SyntheticTake(line.Id, speaker, words, line.Split, rate, timing.Between(0, int.MaxValue - 1), faces);
    }
}

/// <summary>Who says what, for which split.</summary>
internal sealed record ScriptLine(string Id, SyntheticSpeaker Speaker, Split Split, IReadOnlyList<string> Words);
