using LipSol.Client;
using LipSol.Clips;

namespace LipSol.Silo.Streaming;

/// <summary>Captions of a model that reads single words: each stretch in which the lips move, with rest before and after it, is a word.</summary>
/// <remarks>Where the word lies is found as in a clip that is sent whole (<see cref="WordSpotting"/>), once the lips have come back to rest. Words said without a rest between them aren't told apart.</remarks>
/// <param name="longest">Crops that are looked through.</param>
/// <param name="shortest">Crops of the shortest word.</param>
/// <param name="longestWord">Crops of the longest.</param>
internal sealed class WordCaptions(int longest, int shortest, int longestWord) : ICaptions
{
    /// <summary>Crops at rest behind a word that end it: more than lips rest within a word.</summary>
    private const int Rest = 6;

    /// <summary>Crops kept where nothing is found.</summary>
    private const int Kept = 20;

    private int anchor;
    private (WordSpan Span, int First)? seen;

    public async Task<(CaptionChange Change, double Time)?> ReadAsync(CropWindow window, ReadClip read, bool last)
    {
        if (window.From(anchor) is not var (clip, first)) return null;
        var end = (first + clip.Length) / clip.FramesPerSecond;
        var found = WordSpotting.Find(clip);
        if (found is not { } span || span.End - span.Start < shortest || span.End - span.Start > longestWord)
        {
            if (clip.Length >= longest) anchor = first + clip.Length - Kept;
            seen = null;
            return null;
        }

        // Lips that have only paused move on: the next look finds a longer word.
        var rested = clip.Length - span.End >= Rest && seen is var (earlier, at) && Math.Abs(earlier.End + at - span.End - first) <= 2;
        seen = (span, first);
        if (!rested && !last) return null;
        var rate = clip.FramesPerSecond;
        var reading = await read(clip, span.Start / rate, span.End / rate);
        anchor = first + (int)Math.Ceiling(span.End) + 1;
        seen = null;
        TranscribedWord[] words = [.. reading.Words.Select(w => new TranscribedWord(w.Word, first / rate + w.Start, first / rate + w.End, w.Confidence))];
        return (new CaptionChange(words, [], false), end);
    }

    public CaptionChange Break()
    {
        seen = null;
        return new CaptionChange([], [], false);
    }
}
