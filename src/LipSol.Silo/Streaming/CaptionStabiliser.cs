using LipSol.Client;

namespace LipSol.Silo.Streaming;

/// <summary>When a word is settled.</summary>
internal sealed record StabilityRule
{
    /// <summary>Readings one after another that have to say the same.</summary>
    public int Agreement { get; init; } = 2;
    /// <summary>Seconds that a word's end has to lie behind the end of what was read: a network that sees no further may still change its mind.</summary>
    public double Settled { get; init; } = 0.32;
    /// <summary>Seconds behind the end after which a word is settled as it stands, whether readings agree or not.</summary>
    public double Oldest { get; init; } = 1.6;
    /// <summary>Seconds without a word after which what is read begins anew: models know sentences that begin with the lips at rest.</summary>
    public double Pause { get; init; } = 0.6;
    /// <summary>Seconds before the newest crop where it then begins: a word that has just begun isn't cut.</summary>
    public double Kept { get; init; } = 0.4;
}

/// <summary>What a reading changed.</summary>
/// <param name="Finals">Words that stay from now on, in order.</param>
/// <param name="Tail">The words behind them, as they stand.</param>
/// <param name="TailChanged">Whether the tail is another than what was shown.</param>
internal sealed record CaptionChange(IReadOnlyList<TranscribedWord> Finals, IReadOnlyList<TranscribedWord> Tail, bool TailChanged)
{
    public bool Any => Finals.Count > 0 || TailChanged;
}

/// <summary>From the readings of overlapping windows to captions: words that stay, and a tail that may still change.</summary>
/// <remarks>
/// A word stays once as many readings one after another say it at the same place and its end lies far enough behind the end of what was read; words before it have to stay first. What stays never changes, whatever later readings say of the time it covers.
/// Local agreement: Liu et al. 2020, "Low-Latency Sequence-to-Sequence Speech Recognition and Translation by Partial Hypothesis Selection".
/// </remarks>
internal sealed class CaptionStabiliser(StabilityRule rule)
{
    // Word times differ between windows by some frames.
    private const double SamePlace = 0.2;

    private readonly Queue<IReadOnlyList<TranscribedWord>> earlier = new();
    private IReadOnlyList<TranscribedWord> shown = [];
    private TranscribedWord? lastFinal;

    /// <summary>Up to where words are final, in seconds; minus infinity before the first.</summary>
    public double FinalUntil => lastFinal?.End ?? double.NegativeInfinity;

    /// <summary>The tail as it stands.</summary>
    public IReadOnlyList<TranscribedWord> Tail => shown;

    /// <summary>Takes the next reading.</summary>
    /// <param name="words">Its words, in the stream's time.</param>
    /// <param name="end">The end of what was read.</param>
    /// <param name="last">Nothing comes behind it: all is final.</param>
    public CaptionChange Update(IReadOnlyList<TranscribedWord> words, double end, bool last = false)
    {
        var open = Open(words);
        var finals = new List<TranscribedWord>();
        foreach (var word in open)
        {
            if (!last && !IsSettled(word, finals.Count, end)) break;
            finals.Add(word);
        }

        TranscribedWord[] tail = [.. open.Skip(finals.Count)];
        // What was said of a word that has become final is the final's.
        var before = finals.Count > 0 ? [] : shown;
        var changed = !tail.Select(w => w.Word).SequenceEqual(before.Select(w => w.Word));
        if (finals.Count > 0) lastFinal = finals[^1];
        earlier.Enqueue(words);
        while (earlier.Count > rule.Agreement - 1) earlier.Dequeue();
        shown = tail;
        return new CaptionChange(finals, tail, changed);
    }

    /// <summary>Forgets what readings said of words that aren't final: what comes next is another scene.</summary>
    public CaptionChange Break() => Update(shown, double.PositiveInfinity, last: true);

    private bool IsSettled(TranscribedWord word, int place, double end)
    {
        if (word.End <= end - rule.Oldest) return true;
        return word.End <= end - rule.Settled && earlier.Count >= rule.Agreement - 1 && earlier.All(reading => Says(reading, place, word));
    }

    private bool Says(IReadOnlyList<TranscribedWord> reading, int place, TranscribedWord word)
    {
        var open = Open(reading);
        return place < open.Count && open[place] is var other && other.Word == word.Word
            && (Math.Min(word.End, other.End) > Math.Max(word.Start, other.Start) || Math.Abs(word.Start + word.End - other.Start - other.End) / 2 <= SamePlace);
    }

    /// <summary>The words of a reading behind those that are final: windows overlap, and say again what they see of them.</summary>
    private List<TranscribedWord> Open(IReadOnlyList<TranscribedWord> words)
    {
        var open = words.SkipWhile(w => (w.Start + w.End) / 2 <= FinalUntil).ToList();
        if (open.Count > 0 && lastFinal is { } final && open[0].Word == final.Word && open[0].Start < final.End - 0.02) open.RemoveAt(0);
        return open;
    }
}
