using StbImageWriteSharp;

namespace LipSol.Silo.Models.Saliencies;

/// <summary>What a network looked at, as a picture: left, the clip's mean frame with where it looked; right, frames as they were (above) and with where it looked at that moment (below); at the foot, when.</summary>
/// <remarks>Orange spoke for what was read, blue against it; both are scaled to their own largest value. Letters there are none: whoever shows the picture says it in their own language.</remarks>
internal static class SaliencyPicture
{
    private const int Cell = 96, Gap = 4, Bars = 40, Columns = 10;
    private static readonly (byte R, byte G, byte B) For = (255, 110, 0), Against = (30, 110, 255), Paper = (250, 250, 248), Ink = (90, 90, 90);

    /// <summary>The PNG.</summary>
    public static byte[] Png(Inference.Saliency saliency)
    {
        var columns = Math.Min(Columns, saliency.Frames);
        var large = 2 * Cell + Gap;
        var (left, top) = (large + 3 * Gap, Gap);
        var canvas = new Canvas(left + columns * (Cell + Gap), top + large + 2 * Gap + Bars + Gap, Paper);
        var size = saliency.Size;
        canvas.Draw(Gap, top, large, Mean(saliency), saliency.Where_HW, size, Largest(saliency.Where_HW));
        var scale = Largest(saliency.Both_THW);
        for (var column = 0; column < columns; column++)
        {
            // The middles of equal parts of what the network saw.
            var t = (int)((column + 0.5) * saliency.Frames / columns);
            var picture = saliency.Picture_THW.AsSpan(t * size * size, size * size);
            var x = left + column * (Cell + Gap);
            canvas.Draw(x, top, Cell, picture, [], size, 1);
            canvas.Draw(x, top + Cell + Gap, Cell, picture, saliency.Both_THW.AsSpan(t * size * size, size * size), size, scale);
        }
        DrawBars(canvas, saliency, left, top + large + 2 * Gap, columns * (Cell + Gap) - Gap);
        return canvas.ToPng();
    }

    private static void DrawBars(Canvas canvas, Inference.Saliency saliency, int left, int top, int width)
    {
        var largest = Largest(saliency.When_T);
        for (var t = 0; t < saliency.Frames; t++)
        {
            int from = left + t * width / saliency.Frames, to = left + (t + 1) * width / saliency.Frames - 1;
            var height = (int)Math.Round(Math.Abs(saliency.When_T[t]) / largest * (Bars - 6));
            canvas.Fill(from, top + Bars - 4 - height, to, top + Bars - 4, saliency.When_T[t] >= 0 ? For : Against);
            if (saliency.InWord_T[t]) canvas.Fill(from, top + Bars - 2, to + 1, top + Bars, Ink);
        }
    }

    private static byte[] Mean(Inference.Saliency saliency)
    {
        var area = saliency.Size * saliency.Size;
        var frames = Enumerable.Range(0, saliency.Frames).Where(t => saliency.InWord_T[t]).DefaultIfEmpty(saliency.Frames / 2).ToArray();
        return [.. Enumerable.Range(0, area).Select(i => (byte)frames.Average(t => saliency.Picture_THW[t * area + i]))];
    }

    private static double Largest(float[] values) => Math.Max(1e-9, values.Max(v => Math.Abs(v)));

    /// <summary>Pixels, R G B.</summary>
    private sealed class Canvas
    {
        private const double Opacity = 0.8;
        private readonly int width;
        private readonly int height;
        private readonly byte[] pixels_HWC;

        public Canvas(int width, int height, (byte R, byte G, byte B) paper)
        {
            (this.width, this.height, pixels_HWC) = (width, height, new byte[width * height * 3]);
            Fill(0, 0, width, height, paper);
        }

        public void Fill(int fromX, int fromY, int toX, int toY, (byte R, byte G, byte B) colour)
        {
            for (var y = fromY; y < toY; y++)
                for (var x = fromX; x < toX; x++) Set(x, y, colour);
        }

        /// <summary>A grey picture, scaled to a square of <paramref name="edge"/>, and over it the map (none where empty), blended smoothly.</summary>
        public void Draw(int left, int top, int edge, ReadOnlySpan<byte> grey_HW, ReadOnlySpan<float> map_HW, int size, double largest)
        {
            for (var y = 0; y < edge; y++)
                for (var x = 0; x < edge; x++)
                {
                    double v = Math.Clamp((y + 0.5) * size / edge - 0.5, 0, size - 1), u = Math.Clamp((x + 0.5) * size / edge - 0.5, 0, size - 1);
                    var (v0, u0) = ((int)v, (int)u);
                    var (v1, u1) = (Math.Min(v0 + 1, size - 1), Math.Min(u0 + 1, size - 1));
                    var (fv, fu) = (v - v0, u - u0);
                    var grey = Mix(grey_HW[v0 * size + u0], grey_HW[v0 * size + u1], grey_HW[v1 * size + u0], grey_HW[v1 * size + u1], fv, fu);
                    var strength = map_HW.IsEmpty ? 0 : Mix(map_HW[v0 * size + u0], map_HW[v0 * size + u1], map_HW[v1 * size + u0], map_HW[v1 * size + u1], fv, fu) / largest;
                    var (alpha, colour) = (Opacity * Math.Min(1, Math.Abs(strength)), strength >= 0 ? For : Against);
                    Set(left + x, top + y, (Blend(grey, colour.R, alpha), Blend(grey, colour.G, alpha), Blend(grey, colour.B, alpha)));
                }
        }

        public byte[] ToPng()
        {
            using var png = new MemoryStream();
            new ImageWriter().WritePng(pixels_HWC, width, height, ColorComponents.RedGreenBlue, png);
            return png.ToArray();
        }

        private static double Mix(double a, double b, double c, double d, double down, double right) => (a * (1 - right) + b * right) * (1 - down) + (c * (1 - right) + d * right) * down;

        private static byte Blend(double grey, byte colour, double alpha) => (byte)Math.Round(grey * (1 - alpha) + colour * alpha);

        private void Set(int x, int y, (byte R, byte G, byte B) colour)
        {
            var i = (y * width + x) * 3;
            (pixels_HWC[i], pixels_HWC[i + 1], pixels_HWC[i + 2]) = colour;
        }
    }
}
