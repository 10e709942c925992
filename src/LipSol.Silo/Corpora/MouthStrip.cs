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
    public static byte[] Png(MouthClip clip, int? frames)
    {
        var count = Math.Min(Math.Min(frames ?? clip.Length, clip.Length), Math.Max(1, WidestPicture / clip.Width));
        var width = count * clip.Width;
        var pixels_HW = new byte[clip.Height * width];
        for (var i = 0; i < count; i++)
        {
            // The middles of count equal parts of the clip.
            var frame = clip.Frame((int)((i + 0.5) * clip.Length / count));
            for (var y = 0; y < clip.Height; y++)
                frame.Slice(y * clip.Width, clip.Width).CopyTo(pixels_HW.AsSpan(y * width + i * clip.Width));
        }
        using var png = new MemoryStream();
        new ImageWriter().WritePng(pixels_HW, width, clip.Height, ColorComponents.Grey, png);
        return png.ToArray();
    }
}
