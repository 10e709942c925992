using OpenCvSharp;

namespace LipSol.Vision;

/// <summary>Paints antialiased polygons and soft light on a colour picture. Not thread-safe; reuses its buffers.</summary>
internal sealed unsafe class Canvas : IDisposable
{
    private const int Shift = 5;

    private readonly Mat _mask = new();
    private readonly Mat _soft = new();
    private Mat _target = new();

    /// <summary>The picture that is painted on.</summary>
    public Mat Target => _target;

    /// <summary>Paints on another picture from here on.</summary>
    public void Use(Mat target_BGR)
    {
        _target = target_BGR;
        Width = target_BGR.Width;
        Height = target_BGR.Height;
    }

    public int Width { get; private set; }

    public int Height { get; private set; }

    /// <summary>Fills a polygon.</summary>
    /// <param name="points">Its corners in pixels.</param>
    /// <param name="tone">The colour.</param>
    /// <param name="softness">Standard deviation in pixels by which its edge is blurred.</param>
    /// <param name="opacity">0 to 1.</param>
    public void Fill(ReadOnlySpan<Point2d> points, Tone tone, double softness = 0, double opacity = 1) => Fill(points, tone, tone, default, new(0, 1), softness, opacity);

    /// <summary>Fills a polygon with a ramp from one colour, at a point, to another, at a second point.</summary>
    public void Fill(ReadOnlySpan<Point2d> points, Tone first, Tone second, Point2d from, Point2d to, double softness = 0, double opacity = 1)
    {
        var bounds = Bounds(points, 2 + (int)Math.Ceiling(3 * softness));
        if (bounds.Width <= 0 || bounds.Height <= 0 || opacity <= 0) return;
        _mask.Create(bounds.Height, bounds.Width, MatType.CV_8UC1);
        _mask.SetTo(Scalar.All(0));
        var corners = new Point[points.Length];
        for (var i = 0; i < corners.Length; i++)
            corners[i] = new((int)Math.Round((points[i].X - bounds.X) * (1 << Shift)), (int)Math.Round((points[i].Y - bounds.Y) * (1 << Shift)));
        Cv2.FillPoly(_mask, [corners], Scalar.All(255), LineTypes.AntiAlias, Shift);
        var mask = _mask;
        if (softness > 0.2)
        {
            Cv2.GaussianBlur(_mask, _soft, new Size(0, 0), softness);
            mask = _soft;
        }

        double length = Math.Max(1e-9, Square(to.X - from.X) + Square(to.Y - from.Y));
        float dx = (float)((to.X - from.X) / length), dy = (float)((to.Y - from.Y) / length), alpha = (float)opacity / 255;
        var flat = first == second;
        var width = bounds.Width;
        for (var y = 0; y < bounds.Height; y++)
        {
            var m = (byte*)mask.Ptr(y);
            var p = (byte*)_target.Ptr(bounds.Y + y) + 3 * bounds.X;
            var start = (float)(bounds.X - from.X) * dx + (float)(bounds.Y + y - from.Y) * dy;
            for (var x = 0; x < width; x++, p += 3)
            {
                if (m[x] == 0) continue;
                Blend(p, flat ? first : first.Towards(second, Math.Clamp(start + x * dx, 0, 1)), m[x] * alpha);
            }
        }
    }

    /// <summary>Lightens or darkens an elliptic spot, most in its middle and not at all at its edge.</summary>
    /// <param name="centre">Its middle in pixels.</param>
    /// <param name="along">Its first half-axis in pixels.</param>
    /// <param name="across">Length of its second half-axis in pixels.</param>
    /// <param name="factor">What the middle is multiplied by.</param>
    public void Spot(Point2d centre, Point2d along, double across, double factor)
    {
        var length = Math.Max(0.5, Math.Sqrt(along.X * along.X + along.Y * along.Y));
        across = Math.Max(0.5, across);
        double cos = along.X / length, sin = along.Y / length, reach = Math.Max(length, across);
        int left = Math.Max(0, (int)(centre.X - reach)), right = Math.Min(Width - 1, (int)(centre.X + reach) + 1);
        int top = Math.Max(0, (int)(centre.Y - reach)), bottom = Math.Min(Height - 1, (int)(centre.Y + reach) + 1);
        var change = (float)(factor - 1);
        float stepU = (float)(cos / length), stepV = (float)(-sin / across);
        for (var y = top; y <= bottom; y++)
        {
            var p = (byte*)_target.Ptr(y) + 3 * left;
            float u = (float)(((left - centre.X) * cos + (y - centre.Y) * sin) / length), v = (float)((-(left - centre.X) * sin + (y - centre.Y) * cos) / across);
            for (var x = left; x <= right; x++, p += 3, u += stepU, v += stepV)
            {
                var inside = 1 - u * u - v * v;
                if (inside <= 0) continue;
                var by = 1 + change * inside * inside;
                p[0] = Byte(p[0] * by);
                p[1] = Byte(p[1] * by);
                p[2] = Byte(p[2] * by);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _mask.Dispose();
        _soft.Dispose();
    }

    public static byte Byte(float value) => value <= 0 ? (byte)0 : value >= 255 ? (byte)255 : (byte)(value + 0.5f);

    public static void Blend(byte* pixel, Tone tone, float alpha)
    {
        pixel[0] = Byte(pixel[0] + alpha * (tone.B - pixel[0]));
        pixel[1] = Byte(pixel[1] + alpha * (tone.G - pixel[1]));
        pixel[2] = Byte(pixel[2] + alpha * (tone.R - pixel[2]));
    }

    private static double Square(double x) => x * x;

    private Rect Bounds(ReadOnlySpan<Point2d> points, int margin)
    {
        double left = double.MaxValue, top = double.MaxValue, right = double.MinValue, bottom = double.MinValue;
        foreach (var p in points)
        {
            left = Math.Min(left, p.X);
            right = Math.Max(right, p.X);
            top = Math.Min(top, p.Y);
            bottom = Math.Max(bottom, p.Y);
        }

        int x0 = (int)Math.Clamp(Math.Floor(left) - margin, 0, Width), x1 = (int)Math.Clamp(Math.Ceiling(right) + margin, 0, Width);
        int y0 = (int)Math.Clamp(Math.Floor(top) - margin, 0, Height), y1 = (int)Math.Clamp(Math.Ceiling(bottom) + margin, 0, Height);
        return new(x0, y0, x1 - x0, y1 - y0);
    }
}
