using OpenCvSharp;

namespace LipSol.Vision;

/// <summary>Fills OpenCV's 2×3 matrices.</summary>
internal static class Affine
{
    /// <summary>The matrix that takes (0, 0), (1, 0) and (0, 1) of the result to three points of the source (an inverse map for warpAffine).</summary>
    public static unsafe void Set(Mat matrix_23, Point2d origin, Point2d right, Point2d down)
    {
        var m = (double*)matrix_23.Data;
        m[0] = right.X - origin.X;
        m[1] = down.X - origin.X;
        m[2] = origin.X;
        m[3] = right.Y - origin.Y;
        m[4] = down.Y - origin.Y;
        m[5] = origin.Y;
    }

    /// <inheritdoc cref="Set(Mat, Point2d, Point2d, Point2d)"/>
    public static void Set(Mat matrix_23, Point2f origin, Point2f right, Point2f down) =>
        Set(matrix_23, new Point2d(origin.X, origin.Y), new Point2d(right.X, right.Y), new Point2d(down.X, down.Y));
}
