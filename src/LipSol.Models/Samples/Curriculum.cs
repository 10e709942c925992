using LipSol.Clips;

namespace LipSol.Models.Samples;

/// <summary>A part of a clip, in frames; frame t covers t to t + 1.</summary>
/// <param name="Clip">The clip.</param>
/// <param name="Start">Where it starts.</param>
/// <param name="End">Where it ends.</param>
internal readonly record struct Stretch(PooledClip Clip, double Start, double End)
{
    public double Length => End - Start;
}

/// <summary>Something said, to be learnt as one sample.</summary>
/// <param name="Stretches">Where it is seen, in order.</param>
/// <param name="Text">What is said.</param>
internal sealed record Passage(IReadOnlyList<Stretch> Stretches, string Text)
{
    /// <summary>Where the first word starts, in frames of the first stretch's clip; null where that isn't known.</summary>
    public double? SpokenFrom { get; init; }

    /// <summary>Where the last word ends, in frames of the last stretch's clip; null where that isn't known.</summary>
    public double? SpokenTo { get; init; }

    public double Length => Stretches.Sum(s => s.Length);
}

/// <summary>From words to phrases to sentences (Bengio et al. 2009, https://doi.org/10.1145/1553374.1553380): what is learnt in each epoch. Clips without word times are whole sentences from the first.</summary>
internal sealed class Curriculum
{
    // The lips are on their way to a word, and back from it, for about so many frames.
    private const double Context = 2;

    private readonly IReadOnlyList<SentenceExample> examples;
    private readonly SentenceOptions options;
    private readonly long seed;
    private readonly int longest;
    private readonly Dictionary<string, SentenceExample[]> timedOf;

    public Curriculum(IReadOnlyList<SentenceExample> examples, SentenceOptions options, long seed)
    {
        (this.examples, this.options, this.seed) = (examples, options, seed);
        longest = examples.Max(e => e.Words.Count);
        timedOf = examples.Where(e => e.Words.Count > 0).GroupBy(e => e.Speaker).ToDictionary(g => g.Key, g => g.ToArray());
    }

    /// <summary>The first epoch of whole sentences.</summary>
    public int FirstWholeEpoch => longest == 0 ? 0 : options.WordEpochs + options.PhraseEpochs;

    /// <summary>What is learnt in an epoch: a function of (seed, epoch). Every frame of a word comes once, unless clips are spliced.</summary>
    public IReadOnlyList<Passage> Passages(int epoch)
    {
        var most = MostWords(epoch);
        var passages = new List<Passage>();
        for (var i = 0; i < examples.Count; i++)
        {
            var example = examples[i];
            var random = new SeededRandom(seed, epoch, i, 1);
            if (example.Words.Count == 0) passages.Add(Whole(example));
            else if (most is { } n) Cut(example, n, ref random, passages);
            else if (random.NextDouble() < options.Phrases) Cut(example, Math.Max(1, example.Words.Count - 1), ref random, passages);
            else passages.Add(Spliced(example, ref random));
        }
        return passages;
    }

    /// <summary>Words in the longest phrase of an epoch; null where whole sentences are learnt.</summary>
    private int? MostWords(int epoch) =>
        epoch >= FirstWholeEpoch ? null
        : epoch < options.WordEpochs ? 1
        : Math.Max(1, Math.Min(longest, 2 + (epoch - options.WordEpochs) * (longest - 1) / options.PhraseEpochs));

    private static Passage Whole(SentenceExample example) => new([new Stretch(example.Clip, 0, example.Clip.Length)], example.Text);

    private static void Cut(SentenceExample example, int most, ref SeededRandom random, List<Passage> passages)
    {
        var words = example.Words;
        for (var first = 0; first < words.Count;)
        {
            var last = Math.Min(words.Count, first + random.Whole(1, most)) - 1;
            // The cut lies anywhere in the pause before and after, or a little inside the neighbouring word.
            var earliest = first == 0 ? 0 : words[first - 1].Span.End - Context;
            var latest = last == words.Count - 1 ? example.Clip.Length : words[last + 1].Span.Start + Context;
            var start = random.Between(Math.Clamp(earliest, 0, words[first].Span.Start), words[first].Span.Start);
            var end = random.Between(words[last].Span.End, Math.Clamp(latest, words[last].Span.End, Math.Max(words[last].Span.End, example.Clip.Length)));
            passages.Add(new Passage([new Stretch(example.Clip, start, end)], string.Join(' ', words.Skip(first).Take(last - first + 1).Select(w => w.Text)))
            {
                SpokenFrom = words[first].Span.Start,
                SpokenTo = words[last].Span.End,
            });
            first = last + 1;
        }
    }

    private Passage Spliced(SentenceExample example, ref SeededRandom random)
    {
        var (current, from) = (example, 0.0);
        var stretches = new List<Stretch>();
        var words = new List<string> { example.Words[0].Text };
        for (var i = 1; i < current.Words.Count; i++)
        {
            if (random.NextDouble() < options.Splice)
            {
                var other = timedOf[example.Speaker] is var all ? all[random.Whole(0, all.Length - 1)] : example;
                if (other != current && other.Words.Count > i)
                {
                    stretches.Add(new Stretch(current.Clip, from, Between(current, i)));
                    (current, from) = (other, Between(other, i));
                }
            }
            words.Add(current.Words[i].Text);
        }
        stretches.Add(new Stretch(current.Clip, from, current.Clip.Length));
        return new Passage(stretches, string.Join(' ', words)) { SpokenFrom = example.Words[0].Span.Start, SpokenTo = current.Words[^1].Span.End };
    }

    // The middle of the pause before a word.
    private static double Between(SentenceExample example, int word) => (example.Words[word - 1].Span.End + example.Words[word].Span.Start) / 2;
}
