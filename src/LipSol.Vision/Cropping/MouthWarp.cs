using System.Runtime.InteropServices;
using LipSol.Clips;
using OpenCvSharp;

namespace LipSol.Vision;

/// <summary>Warps a tracked face's mouth patches to the mean face and resamples them to the constant rate.</summary>
internal static class MouthWarp
{
    /// <summary>The resting mouth of MediaPipe's canonical face model, in mean-face units.</summary>
    public static readonly Point2d MeanMouth = new(0, 1.13);

    /// <summary>How far below the corners and the upper lip the crop's middle is: an open jaw needs room below.</summary>
    private const double RoomForTheJaw = 0.10;

    /// <summary>Makes the clip.</summary>
    public static MouthClip Assemble(FaceTrack face, PosePath path, IReadOnlyList<double> times, double lastFrameSeconds, CropSettings settings)
    {
        var centre = Centre(face);
        var size = settings.Size;
        var pixels = size * size;
        var plan = ConstantRate.Plan(times, settings.FramesPerSecond, lastFrameSeconds);
        var sources = NearestWithPicture(face, path);
        var frames_THW = new byte[plan.Count * pixels];
        var quality = new FrameQuality[plan.Count];
        var crops = new Dictionary<int, byte[]>();
        using var crop = new Mat(size, size, MatType.CV_8UC1);
        using var warp_23 = new Mat(2, 3, MatType.CV_64FC1);
        for (var t = 0; t < plan.Count; t++)
        {
            var (first, second, share) = plan[t];
            ConstantRate.Blend(Crop(sources[first]), Crop(sources[second]), share, frames_THW.AsSpan(t * pixels, pixels));
            quality[t] = ConstantRate.Worse(QualityOf(first), QualityOf(second));
            foreach (var done in crops.Keys.Where(k => k < sources[first]).ToList()) crops.Remove(done);
        }

        return new MouthClip(frames_THW, size, size, settings.FramesPerSecond, quality, settings);

        // A frame whose mouth lies outside the picture has a pose and no pixels.
        FrameQuality QualityOf(int frame) => sources[frame] == frame ? path.Quality[frame] : default;

        byte[] Crop(int frame)
        {
            if (crops.TryGetValue(frame, out var done)) return done;
            face.Patches[frame].Warp(path[frame], centre, settings.Extent, crop, warp_23);
            var bytes = new byte[pixels];
            Marshal.Copy(crop.Data, bytes, 0, pixels);
            return crops[frame] = bytes;
        }
    }

    /// <summary>The crop's middle: the median over the clip of where this speaker's mouth is on the mean face, so that it stays the same in every frame and the
    /// lips' motion in the crop is the lips' alone.</summary>
    private static Point2d Centre(FaceTrack face)
    {
        var mouths = face.Samples.Select(MouthOf).ToList();
        return Centre(mouths);
    }

    /// <summary>The crop's middle for mouths at these places of the mean face.</summary>
    public static Point2d Centre(IReadOnlyCollection<Point2d> mouths) => new(Median(mouths.Select(m => m.X)), Median(mouths.Select(m => m.Y)) + RoomForTheJaw);

    /// <summary>Where the mouth is on the mean face.</summary>
    public static Point2d MouthOf(FaceSample sample)
    {
        var (o, scale) = (sample.Observation, sample.Scale);
        Point2d right = sample.Pose.ToMeanFace(o.LipCornerRight * (1 / scale)), left = sample.Pose.ToMeanFace(o.LipCornerLeft * (1 / scale)), top = sample.Pose.ToMeanFace(o.UpperLipTop * (1 / scale));
        return new Point2d((right.X + left.X) / 2, (right.Y + left.Y + top.Y) / 3);
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }

    /// <summary>For each frame the frame whose picture stands for it: itself, or the nearest that has one.</summary>
    private static int[] NearestWithPicture(FaceTrack face, PosePath path)
    {
        var usable = Enumerable.Range(0, path.Quality.Count).Where(i => path.Quality[i].Source != FrameSource.Missing && face.Patches.ContainsKey(i)).ToList();
        var nearest = new int[path.Quality.Count];
        for (int i = 0, u = 0; i < nearest.Length; i++)
        {
            while (u + 1 < usable.Count && Math.Abs(usable[u + 1] - i) <= Math.Abs(usable[u] - i)) u++;
            nearest[i] = usable[u];
        }

        return nearest;
    }
}
