using OpenCvSharp;

namespace LipSol.Vision;

/// <summary>A rotated square of the picture in which a face is sought: what the landmark model is shown.</summary>
/// <param name="Centre">Its centre in pixels.</param>
/// <param name="Size">Its edge in pixels.</param>
/// <param name="Angle">Its rotation in radians, positive clockwise in the picture.</param>
internal readonly record struct FaceRegion(Point2f Centre, float Size, float Angle)
{
    /// <summary>How much larger than the mesh or the detector's box the square is, as in MediaPipe's graph.</summary>
    private const float Margin = 1.5f;

    /// <summary>The region around a detection.</summary>
    public static FaceRegion Around(FaceDetection detection) => new(
        new Point2f(detection.Box.X + detection.Box.Width / 2, detection.Box.Y + detection.Box.Height / 2),
        Margin * MathF.Max(detection.Box.Width, detection.Box.Height),
        AngleOf(detection.RightEye, detection.LeftEye));

    /// <summary>The region around a face's landmarks: where the next frame's face is expected.</summary>
    public static FaceRegion Around(ReadOnlySpan<Point2f> mesh)
    {
        var angle = AngleOf(mesh[FaceMesh.RightEyeOuter], mesh[FaceMesh.LeftEyeOuter]);
        var (sin, cos) = MathF.SinCos(angle);
        float left = float.MaxValue, top = float.MaxValue, right = float.MinValue, bottom = float.MinValue;
        foreach (var p in mesh)
        {
            float x = cos * p.X + sin * p.Y, y = -sin * p.X + cos * p.Y;
            left = MathF.Min(left, x);
            right = MathF.Max(right, x);
            top = MathF.Min(top, y);
            bottom = MathF.Max(bottom, y);
        }

        float cx = (left + right) / 2, cy = (top + bottom) / 2;
        return new(new Point2f(cos * cx - sin * cy, sin * cx + cos * cy), Margin * MathF.Max(right - left, bottom - top), angle);
    }

    /// <summary>The same square, turned by half.</summary>
    public FaceRegion UpsideDown => this with { Angle = Angle + MathF.PI };

    /// <summary>Shares of the square (0 to 1) to pixels of the picture.</summary>
    public Point2f ToPicture(float x, float y)
    {
        var (sin, cos) = MathF.SinCos(Angle);
        float dx = (x - 0.5f) * Size, dy = (y - 0.5f) * Size;
        return new(Centre.X + cos * dx - sin * dy, Centre.Y + sin * dx + cos * dy);
    }

    private static float AngleOf(Point2f from, Point2f to) => MathF.Atan2(to.Y - from.Y, to.X - from.X);
}
