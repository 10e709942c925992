using LipSol.Clips;
using OpenCvSharp;

namespace LipSol.Vision;

/// <summary>Draws a mouth clip as one picture: its frames in a grid, in order, row by row.</summary>
public static class MouthClipPreview
{
    private const int Gap = 2, Border = 2, MostFrames = 400;
    private static readonly Scalar Paper = new(32, 32, 32), Red = new(40, 40, 230), Amber = new(0, 170, 240);

    /// <summary>The preview as a PNG file's bytes. Frames that weren't tracked have a border: amber where interpolated, red where no face was near.</summary>
    /// <param name="clip">The clip; of one longer than 400 frames, evenly spaced ones are shown.</param>
    /// <param name="columns">Frames in a row.</param>
    public static byte[] ToPng(MouthClip clip, int columns = 15)
    {
        ArgumentNullException.ThrowIfNull(clip);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        OpenCvRuntime.Prepare();
        var shown = Math.Min(clip.Length, MostFrames);
        columns = Math.Min(columns, shown);
        var rows = (shown + columns - 1) / columns;
        int cellWidth = clip.Width + 2 * Border + Gap, cellHeight = clip.Height + 2 * Border + Gap;
        using var sheet = new Mat(rows * cellHeight + Gap, columns * cellWidth + Gap, MatType.CV_8UC3, Paper);
        for (var i = 0; i < shown; i++)
        {
            var t = (int)((long)i * clip.Length / shown);
            var cell = new Rect(Gap + i % columns * cellWidth, Gap + i / columns * cellHeight, clip.Width + 2 * Border, clip.Height + 2 * Border);
            using var frame = Mat.FromPixelData(clip.Height, clip.Width, MatType.CV_8UC1, clip.Frames_THW.AsSpan(t * clip.Height * clip.Width, clip.Height * clip.Width).ToArray());
            using var target = new Mat(sheet, cell);
            if (clip.Quality[t].Source != FrameSource.Tracked) target.SetTo(clip.Quality[t].Source == FrameSource.Missing ? Red : Amber);
            using var inner = new Mat(target, new Rect(Border, Border, clip.Width, clip.Height));
            Cv2.CvtColor(frame, inner, ColorConversionCodes.GRAY2BGR);
        }

        return sheet.ImEncode(".png");
    }

    /// <summary>Writes the preview as a PNG file.</summary>
    public static void Write(MouthClip clip, string path, int columns = 15) => File.WriteAllBytes(path, ToPng(clip, columns));
}
