using LipSol.Clips;
using StbImageWriteSharp;

namespace LipSol.Silo.Corpora;

/// <summary>A picture of a mouth clip: its frames side by side, the first at the left.</summary>
internal static class MouthStrip
{
    // What browsers still draw; a clip of ten minutes would be a picture 1.4 million pixels wide.
    private const int WidestPicture = 32_000;

    /// <summary>The PNG.</summary>
    /// <param name="clip">The clip.</param>
    /// <param name="frames">How many frames, evenly spread; null for all (as many as fit).</param>
    /// <param name="part">The part of the clip that is shown; null for all of it.</param>
    public static byte[] Png(MouthClip clip, int? frames, WordSpan? part = null)
    {
        var first = Math.Clamp((int)Math.Floor(part?.Start ?? 0), 0, clip.Length - 1);
        var length = Math.Clamp((int)Math.Ceiling(part?.End ?? clip.Length), first + 1, clip.Length) - first;
        var count = Math.Min(Math.Min(frames ?? length, length), Math.Max(1, WidestPicture / clip.Width));
        var width = count * clip.Width;
        var pixels_HW = new byte[clip.Height * width];
        for (var i = 0; i < count; i++)
        {
            // The middles of count equal parts.
            var frame = clip.Frame(first + (int)((i + 0.5) * length / count));
            for (var y = 0; y < clip.Height; y++)
                frame.Slice(y * clip.Width, clip.Width).CopyTo(pixels_HW.AsSpan(y * width + i * clip.Width));
        }
        using var png = new MemoryStream();
        new ImageWriter().WritePng(pixels_HW, width, clip.Height, ColorComponents.Grey, png);
        return png.ToArray();
    }
}
