using LipSol.Clips;
using OpenCvSharp;

namespace LipSol.Vision;

/// <summary>Lights the flat colours of a drawn head as an ellipsoid under one lamp (Lambert), then exposes the picture and adds the sensor's noise.</summary>
internal static class Lighting
{
    public static unsafe void Apply(Mat picture_BGR, SyntheticFaceFrame frame, HeadProjection head, ulong noiseSeed)
    {
        int width = picture_BGR.Width, height = picture_BGR.Height;
        var side = Math.Clamp(frame.LightSide, -1, 1);
        // From above and in front, moved to the side.
        double lx = 0.62 * side, ly = -0.38, lz = 0.80, norm = Math.Sqrt(lx * lx + ly * ly + lz * lz);
        (lx, ly, lz) = (lx / norm, ly / norm, lz / norm);
        double halfWidth = head.HalfWidth * 1.12, halfHeight = 0.66;
        var (cos, sin) = head.Axes;
        var light = (float)frame.Light;
        var state = noiseSeed ^ 0x5DEECE66DUL;
        var deviation = (float)Math.Max(0, frame.Noise);
        for (var y = 0; y < height; y++)
        {
            var row = new Span<byte>((void*)picture_BGR.Ptr(y), 3 * width);
            var (u0, v0) = head.FromPixel(0, y);
            var wall = (float)(1.06 - 0.16 * y / height);
            for (var x = 0; x < width; x++)
            {
                double u = (u0 + cos * x) / halfWidth, v = (v0 - sin * x) / halfHeight, square = u * u + v * v;
                var factor = wall * (1 + 0.10f * (float)side * (2f * x / width - 1));
                if (square < 1)
                {
                    // The lamp's share fades out towards the edge, so that hair and ears join the wall's light without a seam.
                    var depth = Math.Sqrt(1 - square);
                    var lit = (float)(0.52 + 0.58 * Math.Max(0, u * lx + v * ly + depth * lz));
                    var edge = (float)Math.Min(1, 6 * (1 - square));
                    factor += edge * (lit - factor);
                }

                factor *= light;
                row[3 * x] = Canvas.Byte(row[3 * x] * factor);
                row[3 * x + 1] = Canvas.Byte(row[3 * x + 1] * factor);
                row[3 * x + 2] = Canvas.Byte(row[3 * x + 2] * factor);
            }

            if (deviation > 0) SensorNoise.Add(row, deviation, ref state);
        }
    }
}
