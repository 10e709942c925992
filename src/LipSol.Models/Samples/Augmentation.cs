using LipSol.Clips;
using LipSol.Models.Parameters;

namespace LipSol.Models.Samples;

/// <summary>How much training varies what the network sees. Zero everywhere is what serving sees.</summary>
public sealed record AugmentationOptions
{
    /// <summary>Whether the crop lies anywhere in the resized picture, not in its centre.</summary>
    [Parameter("crop", "crop anywhere, not in the centre")]
    public bool Crop { get; init; } = true;
    /// <summary>Share of clips that are mirrored.</summary>
    [Parameter("flip", "share of clips mirrored", Least = 0, Most = 1)]
    public double Flip { get; init; } = 0.5;
    /// <summary>The speed varies by this share to either side.</summary>
    [Parameter("speed", "speed varies by this share", Least = 0, Most = 0.5)]
    public double Speed { get; init; } = 0.1;
    /// <summary>Longest run of frames that is blanked: one run a word, one a second of a sentence.</summary>
    [Parameter("time_mask", "longest run of frames blanked", Least = 0, Most = 50)]
    public int TimeMask { get; init; } = 4;
    /// <summary>Brightness and contrast vary by this share (of the pixels' standard deviation).</summary>
    [Parameter("brightness", "brightness and contrast vary by this share", Least = 0, Most = 1)]
    public double Brightness { get; init; } = 0.15;
    /// <summary>Edge of the largest square that is blanked in all frames.</summary>
    [Parameter("erase", "edge of the largest square blanked in all frames, as a share of the picture", Least = 0, Most = 1)]
    public double Erase { get; init; }
}

/// <summary>Varies samples, each by its own stream of random numbers.</summary>
internal static class Augmentation
{
    internal static ClipView View(AugmentationOptions options, InputSpec spec, ref SeededRandom random)
    {
        var slack = spec.Resize - spec.Size;
        return new ClipView
        {
            Right = options.Crop ? random.Whole(-(slack / 2), slack - slack / 2) : 0,
            Down = options.Crop ? random.Whole(-(slack / 2), slack - slack / 2) : 0,
            Flipped = random.NextDouble() < options.Flip,
            Speed = random.Between(1 - options.Speed, 1 + options.Speed),
            Contrast = (float)random.Between(1 - options.Brightness, 1 + options.Brightness),
            Brightness = (float)random.Between(-options.Brightness, options.Brightness),
        };
    }

    /// <summary>Blanks <paramref name="runs"/> runs of frames and a square: normalised pixels are 0 at the mean of all.</summary>
    internal static void Blank(AugmentationOptions options, int size, int runs, ref SeededRandom random, Span<float> pixels_THW)
    {
        var area = size * size;
        var length = pixels_THW.Length / area;
        for (var run = 0; run < runs; run++)
        {
            var frames = random.Whole(0, Math.Min(options.TimeMask, length / 2));
            pixels_THW.Slice(random.Whole(0, length - frames) * area, frames * area).Clear();
        }

        var edge = random.Whole(0, (int)(options.Erase * size));
        var (top, left) = (random.Whole(0, size - edge), random.Whole(0, size - edge));
        if (edge == 0) return;
        for (var t = 0; t < length; t++)
            for (var y = top; y < top + edge; y++)
                pixels_THW.Slice(t * area + y * size + left, edge).Clear();
    }
}
