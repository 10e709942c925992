using System.Runtime.InteropServices;
using OpenCvSharp;

namespace LipSol.Vision;

/// <summary>The grey pixels around the mouth in one frame, kept until the whole clip has been seen and its poses can be smoothed.</summary>
/// <remarks>About 20 kB at the usual size: what a long clip costs in memory is this, not its frames.</remarks>
internal sealed class MouthPatch
{
    /// <summary>Patches of more than this many pixels for each pixel of the crop are scaled down.</summary>
    private const double MostDensity = 1.6;

    private readonly byte[] _pixels;
    private readonly int _width, _height;
    private readonly Point2d _origin;
    private readonly double _scaleX, _scaleY;

    private MouthPatch(byte[] pixels, int width, int height, Point2d origin, double scaleX, double scaleY) =>
        (_pixels, _width, _height, _origin, _scaleX, _scaleY) = (pixels, width, height, origin, scaleX, scaleY);

    /// <summary>Cuts the patch.</summary>
    /// <param name="frame_BGR">The frame.</param>
    /// <param name="centre">The mouth's middle.</param>
    /// <param name="cropEdge">Edge of the crop in pixels of the frame.</param>
    /// <param name="cropSize">Edge of the crop in its own pixels.</param>
    /// <param name="margin">The patch's edge over the crop's: room for rotation, and for the pose to change when it's smoothed.</param>
    /// <returns>Null where the mouth is outside the frame.</returns>
    public static MouthPatch? Cut(Mat frame_BGR, Point2d centre, double cropEdge, int cropSize, double margin)
    {
        var half = cropEdge * margin / 2;
        int left = (int)Math.Clamp(Math.Floor(centre.X - half), 0, frame_BGR.Width), right = (int)Math.Clamp(Math.Ceiling(centre.X + half) + 1, 0, frame_BGR.Width);
        int top = (int)Math.Clamp(Math.Floor(centre.Y - half), 0, frame_BGR.Height), bottom = (int)Math.Clamp(Math.Ceiling(centre.Y + half) + 1, 0, frame_BGR.Height);
        if (right - left < 2 || bottom - top < 2) return null;
        using var region = new Mat(frame_BGR, new Rect(left, top, right - left, bottom - top));
        using var grey = new Mat();
        Cv2.CvtColor(region, grey, ColorConversionCodes.BGR2GRAY);
        var density = cropEdge / cropSize;
        if (density <= MostDensity) return new(Bytes(grey), grey.Width, grey.Height, new(left, top), 1, 1);
        using var scaled = new Mat();
        var size = new Size(Math.Max(2, (int)Math.Round(grey.Width * 1.2 / density)), Math.Max(2, (int)Math.Round(grey.Height * 1.2 / density)));
        Cv2.Resize(grey, scaled, size, 0, 0, InterpolationFlags.Area);
        return new(Bytes(scaled), size.Width, size.Height, new(left, top), size.Width / (double)grey.Width, size.Height / (double)grey.Height);
    }

    /// <summary>Warps the patch into the crop.</summary>
    /// <param name="pose">The face's pose in pixels of the frame.</param>
    /// <param name="centre">The crop's middle in mean-face units.</param>
    /// <param name="extent">The crop's edge in mean-face units.</param>
    /// <param name="crop">Receives the pixels; square.</param>
    /// <param name="warp_23">A matrix to work in.</param>
    public void Warp(FacePose pose, Point2d centre, double extent, Mat crop, Mat warp_23)
    {
        var size = crop.Width;
        Affine.Set(warp_23, ToPatch(0, 0), ToPatch(1, 0), ToPatch(0, 1));
        using var patch = Mat.FromPixelData(_height, _width, MatType.CV_8UC1, _pixels);
        Cv2.WarpAffine(patch, crop, warp_23, crop.Size(), InterpolationFlags.Cubic | InterpolationFlags.WarpInverseMap, BorderTypes.Replicate);

        Point2d ToPatch(int u, int v)
        {
            var pixel = pose.ToPicture(centre.X + ((u + 0.5) / size - 0.5) * extent, centre.Y + ((v + 0.5) / size - 0.5) * extent);
            return new((pixel.X - _origin.X + 0.5) * _scaleX - 0.5, (pixel.Y - _origin.Y + 0.5) * _scaleY - 0.5);
        }
    }

    private static byte[] Bytes(Mat grey)
    {
        int width = grey.Width, height = grey.Height;
        var bytes = new byte[width * height];
        for (var y = 0; y < height; y++) Marshal.Copy(grey.Ptr(y), bytes, y * width, width);
        return bytes;
    }
}
