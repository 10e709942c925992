using LipSol.Client;

namespace LipSol.Silo.Streaming;

/// <summary>Captions of a model that reads sentences: windows that end with the newest crop and overlap, words agreed upon by <see cref="CaptionStabiliser"/>.</summary>
/// <remarks>
/// A window is as long as the longest clip that the model was trained on, and begins anew in a pause: the model knows sentences that begin with the lips at rest. Words that a window cuts at its left edge have been final for long.
/// </remarks>
/// <param name="longest">Crops of a window.</param>
/// <param name="shortest">Fewer can't be read.</param>
/// <param name="rule">When a word stays.</param>
internal sealed class SentenceCaptions(int longest, int shortest, StabilityRule rule) : ICaptions
{
    private readonly CaptionStabiliser stabiliser = new(rule);
    private int anchor;

    public async Task<(CaptionChange Change, double Time)?> ReadAsync(CropWindow window, ReadClip read, bool last)
    {
        if (window.From(Math.Max(anchor, window.Next - longest)) is not var (clip, first) || clip.Length < shortest)
            return last && stabiliser.Tail.Count > 0 ? (stabiliser.Break(), window.Next / window.Settings.FramesPerSecond) : null;
        var reading = await read(clip, null, null);
        var (rate, from) = (clip.FramesPerSecond, first / clip.FramesPerSecond);
        var end = from + clip.Length / rate;
        TranscribedWord[] words = [.. reading.Words.Select(w => new TranscribedWord(w.Word, from + w.Start, from + w.End, w.Confidence))];
        var change = stabiliser.Update(words, end, last);
        if (change.Tail.Count == 0 && end - Math.Max(stabiliser.FinalUntil, from) >= rule.Pause) anchor = first + clip.Length - (int)(rule.Kept * rate);
        return (change, end);
    }

    public CaptionChange Break() => stabiliser.Break();
}
