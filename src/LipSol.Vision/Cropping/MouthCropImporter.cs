using System.Runtime.InteropServices;
using LipSol.Clips;
using OpenCvSharp;

namespace LipSol.Vision;

/// <summary>Imports recordings that show the mouth alone already (<c>--mouth-crops</c>): no face is sought. Stateless and thread-safe.</summary>
public static class MouthCropImporter
{
    /// <summary>The settings that mouth clips made this way carry: they name no landmark models, so a model that was trained on tracked faces refuses them.</summary>
    public static CropSettings DefaultSettings => new() { Extent = 1, Smoothing = 0, LandmarkModels = "" };

    /// <summary>Scales each picture into the square, keeping its aspect ratio (bars of the picture's mean grey fill the rest), and resamples to the constant rate.</summary>
    /// <param name="path">A video file or a folder of numbered pictures; any size, any aspect ratio.</param>
    /// <param name="settings">The settings; their <see cref="CropSettings.LandmarkModels"/> has to be empty.</param>
    /// <param name="limits">What the clip may cost; null for the usual limits.</param>
    /// <param name="picturesPerSecond">The rate of a folder of pictures; videos have their own.</param>
    /// <param name="cancellationToken">Stops between two frames.</param>
    /// <exception cref="UnusableClipException">The clip can't be used; the message tells why.</exception>
    public static MouthCropResult Import(string path, CropSettings settings, CropLimits? limits = null, double picturesPerSecond = 25, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(settings);
        if (settings.LandmarkModels.Length > 0) throw new ArgumentException("Pictures of mouths carry no landmark models: leave LandmarkModels empty.", nameof(settings));
        using var frames = ClipFrames.Open(path, picturesPerSecond, limits ?? new());
        var crops = new List<byte[]>();
        var times = new List<double>();
        using var frame = new Mat();
        while (frames.TryRead(frame, out var seconds))
        {
            cancellationToken.ThrowIfCancellationRequested();
            crops.Add(Letterbox(frame, settings.Size));
            times.Add(seconds);
        }

        if (times.Count == 0)
            throw new UnusableClipException(UnusableReason.Undecodable, $"No frame of {frames.Name} can be decoded: the file is damaged or holds no picture. Record or copy it again.");
        if (times.Count == 1)
            throw new UnusableClipException(UnusableReason.TooShort, $"{frames.Name} has one frame. Give the whole word or sentence.");
        return new MouthCropResult
        {
            Clip = Resample(crops, times, ConstantRate.LastFrameSeconds(times, frames.FramesPerSecond), settings),
            Notes = [],
            SourceFramesPerSecond = frames.FramesPerSecond,
            SourceFrames = times.Count,
            TrackedFrames = times.Count,
            FacesSeen = 0,
            Faces = [],
        };
    }

    private static MouthClip Resample(List<byte[]> crops, List<double> times, double lastFrameSeconds, CropSettings settings)
    {
        var pixels = settings.Size * settings.Size;
        var plan = ConstantRate.Plan(times, settings.FramesPerSecond, lastFrameSeconds);
        var frames_THW = new byte[plan.Count * pixels];
        for (var t = 0; t < plan.Count; t++)
            ConstantRate.Blend(crops[plan[t].First], crops[plan[t].Second], plan[t].SecondShare, frames_THW.AsSpan(t * pixels, pixels));
        return new MouthClip(frames_THW, settings.Size, settings.Size, settings.FramesPerSecond, Enumerable.Repeat(new FrameQuality(FrameSource.Tracked, 1), plan.Count).ToArray(), settings);
    }

    private static byte[] Letterbox(Mat frame_BGR, int size)
    {
        using var grey = new Mat();
        Cv2.CvtColor(frame_BGR, grey, ColorConversionCodes.BGR2GRAY);
        var scale = size / (double)Math.Max(grey.Width, grey.Height);
        int width = Math.Clamp((int)Math.Round(grey.Width * scale), 1, size), height = Math.Clamp((int)Math.Round(grey.Height * scale), 1, size);
        using var square = new Mat(size, size, MatType.CV_8UC1, Cv2.Mean(grey));
        using (var inner = new Mat(square, new Rect((size - width) / 2, (size - height) / 2, width, height)))
            Cv2.Resize(grey, inner, inner.Size(), 0, 0, scale < 1 ? InterpolationFlags.Area : InterpolationFlags.Cubic);
        var bytes = new byte[size * size];
        Marshal.Copy(square.Data, bytes, 0, bytes.Length);
        return bytes;
    }
}
