namespace LipSol.Clips;

/// <summary>A word's place in a mouth clip, in frames from the clip's start; frame t covers t to t + 1.</summary>
/// <param name="Start">Where it starts.</param>
/// <param name="End">Where it ends.</param>
public readonly record struct WordSpan(double Start, double End)
{
    /// <summary>From seconds.</summary>
    public static WordSpan FromSeconds(double start, double end, double framesPerSecond) => new(start * framesPerSecond, end * framesPerSecond);

    /// <summary>Halfway between start and end.</summary>
    public double Middle => (Start + End) / 2;
}

/// <summary>How a clip is looked at. The default is what serving uses; training varies it.</summary>
public readonly record struct ClipView()
{
    /// <summary>Pixels by which the crop lies right of the centre.</summary>
    public int Right { get; init; }
    /// <summary>Pixels by which the crop lies below the centre.</summary>
    public int Down { get; init; }
    /// <summary>Mirrored from left to right.</summary>
    public bool Flipped { get; init; }
    /// <summary>Source frames a target frame: above 1 the word is spoken faster.</summary>
    public double Speed { get; init; } = 1;
    /// <summary>Frames by which the window's middle lies after the word's.</summary>
    public double Later { get; init; }
    /// <summary>Factor on the normalised pixels.</summary>
    public float Contrast { get; init; } = 1;
    /// <summary>Added to the normalised pixels.</summary>
    public float Brightness { get; init; }
}

/// <summary>Turns a mouth clip into a network's input. The one implementation, used by training and by serving: <c>Write</c> a window around a word, <c>WriteFrames</c> a stretch of any length.</summary>
public static class ClipInput
{
    /// <summary>Writes the input tensor of an already pooled clip, C × T × H × W, row-major.</summary>
    /// <param name="clip">The clip, pooled to <see cref="InputSpec.Resize"/>.</param>
    /// <param name="spec">What the network reads.</param>
    /// <param name="word">The word to read; null reads the whole clip.</param>
    /// <param name="view">How it's looked at.</param>
    /// <param name="input_CTHW">At least <see cref="InputSpec.Length"/> floats.</param>
    /// <exception cref="UnusableClipException">Without a word: the clip is longer than <see cref="InputSpec.LongestClip"/>. With one: it lies outside the clip.</exception>
    public static void Write(PooledClip clip, InputSpec spec, WordSpan? word, ClipView view, Span<float> input_CTHW)
    {
        ArgumentNullException.ThrowIfNull(clip);
        ArgumentNullException.ThrowIfNull(spec);
        Require(clip, spec, word);

        // The middle of target frame t lies (t + ½ − T/2) · speed frames from the window's middle.
        var middle = (word?.Middle ?? clip.Length / 2.0) + view.Later;
        var area = spec.Size * spec.Size;
        var frames = new int[spec.Frames];
        var marks = spec.MarksWord ? input_CTHW.Slice(spec.Frames * area, spec.Frames * area) : default;
        for (var t = 0; t < spec.Frames; t++)
        {
            var time = middle + (t + 0.5 - spec.Frames / 2.0) * view.Speed;
            frames[t] = Math.Clamp((int)Math.Floor(time), 0, clip.Length - 1);
            if (spec.MarksWord) marks.Slice(t * area, area).Fill(word is not { } own || (time >= own.Start && time < own.End) ? 1 : 0);
        }
        WriteFrames(clip, spec, frames, view, input_CTHW);
    }

    /// <summary>Writes some frames of an already pooled clip, T × H × W, row-major, with as many T as <paramref name="frames"/>: how a sentence is read.</summary>
    /// <param name="clip">The clip, pooled to <see cref="InputSpec.Resize"/>.</param>
    /// <param name="spec">What the network reads; its <see cref="InputSpec.Frames"/> isn't looked at.</param>
    /// <param name="frames">Which frames of the clip, in order.</param>
    /// <param name="view">How they're looked at; its times aren't looked at.</param>
    /// <param name="pixels_THW">At least T × Size × Size floats.</param>
    public static void WriteFrames(PooledClip clip, InputSpec spec, ReadOnlySpan<int> frames, ClipView view, Span<float> pixels_THW)
    {
        ArgumentNullException.ThrowIfNull(clip);
        ArgumentNullException.ThrowIfNull(spec);
        if (clip.Edge != spec.Resize) throw new ArgumentException($"The clip is pooled to {clip.Edge}², the network reads {spec.Resize}².", nameof(clip));
        var (size, slack) = (spec.Size, spec.Resize - spec.Size);
        var left = Math.Clamp(slack / 2 + view.Right, 0, slack);
        var top = Math.Clamp(slack / 2 + view.Down, 0, slack);
        Span<float> normalised = stackalloc float[256];
        for (var p = 0; p < 256; p++)
            normalised[p] = (float)((p / 255.0 - spec.Mean) / spec.StandardDeviation) * view.Contrast + view.Brightness;

        for (var t = 0; t < frames.Length; t++)
        {
            var frame = clip.Frame(frames[t]);
            var target = pixels_THW.Slice(t * size * size, size * size);
            for (var y = 0; y < size; y++)
            {
                var row = frame.Slice((top + y) * clip.Edge + left, size);
                var line = target.Slice(y * size, size);
                if (view.Flipped)
                    for (var x = 0; x < size; x++) line[x] = normalised[row[size - 1 - x]];
                else
                    for (var x = 0; x < size; x++) line[x] = normalised[row[x]];
            }
        }
    }

    internal static void Require(PooledClip clip, InputSpec spec, WordSpan? word)
    {
        if (word is null && clip.Length > spec.LongestClip)
            throw new UnusableClipException(UnusableReason.TooLong,
                $"The clip has {clip.Length} frames; without word times this model reads at most {spec.LongestClip} ({spec.LongestClip / clip.FramesPerSecond:0.0} s). Cut it to the word, or give the words' times.");
        if (word is { } span && !(span.End > span.Start && span.Start < clip.Length && span.End > 0))
            throw new UnusableClipException(UnusableReason.TooShort,
                $"The word's frames {span.Start:0.0} to {span.End:0.0} do not lie in the clip of {clip.Length} frames.");
    }
}
