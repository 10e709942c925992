using LipSol.Clips;
using OpenCvSharp;

namespace LipSol.Vision;

/// <summary>Lights the flat colours of a drawn head as an ellipsoid under one lamp (Lambert), then exposes the picture and adds the sensor's noise.</summary>
internal static class Lighting
{
    public static unsafe void Apply(Mat picture_BGR, SyntheticFaceFrame frame, HeadProjection head, ulong noiseSeed)
    {
        var noise = SensorNoise.Of(frame.Noise);
        int width = picture_BGR.Width, height = picture_BGR.Height;
        var side = Math.Clamp(frame.LightSide, -1, 1);
        // From above and in front, moved to the side.
        double lx = 0.62 * side, ly = -0.38, lz = 0.80, norm = Math.Sqrt(lx * lx + ly * ly + lz * lz);
        (lx, ly, lz) = (lx / norm, ly / norm, lz / norm);
        double halfWidth = head.HalfWidth * 1.12, halfHeight = 0.66;
        var (cos, sin) = head.Axes;
        var state = noiseSeed ^ 0x5DEECE66DUL;
        float light = (float)frame.Light, stepU = (float)(cos / halfWidth), stepV = (float)(-sin / halfHeight), across = 0.20f * (float)side / width;
        float lampX = (float)lx, lampY = (float)ly, lampZ = (float)lz;
        for (var y = 0; y < height; y++)
        {
            var row = (byte*)picture_BGR.Ptr(y);
            var (u0, v0) = head.FromPixel(0, y);
            float firstU = (float)(u0 / halfWidth), firstV = (float)(v0 / halfHeight);
            var wall = (1.06f - 0.16f * y / height) * light;
            for (var x = 0; x < width; x++, row += 3)
            {
                float u = firstU + stepU * x, v = firstV + stepV * x, square = u * u + v * v;
                var factor = wall * (1 - 0.5f * across * width + across * x);
                if (square < 1)
                {
                    // The lamp's share fades out towards the edge, so that hair and ears join the wall's light without a seam.
                    var lit = 0.52f + 0.58f * MathF.Max(0, u * lampX + v * lampY + MathF.Sqrt(1 - square) * lampZ);
                    factor += MathF.Min(1, 6 * (1 - square)) * (light * lit - factor);
                }

                for (var channel = 0; channel < 3; channel++) row[channel] = (byte)Math.Min(255, (int)(row[channel] * factor + 0.5f));
            }

            if (frame.Noise > 0) noise.AddTo(new Span<byte>((void*)picture_BGR.Ptr(y), 3 * width), ref state);
        }
    }
}
