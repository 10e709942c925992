using System.Diagnostics;
using LipSol.Clips;
using OpenCvSharp;

namespace LipSol.Vision;

/// <summary>Turns a recording of a speaking face into a mouth clip: decode, track 468 landmarks, align by eyes and nose, crop the mouth.</summary>
/// <remarks>
/// Not thread-safe: make one instance for each thread and use it for many clips (it holds the networks, about 20 MB). OpenCV runs on the calling
/// thread alone, so clips are processed in parallel by running several instances. The same clip and settings give the same bytes.
/// Memory grows with the clip's length by about 30 kB for each face and frame of the output at the usual crop size (twice that where two frames of the source are blended into one), whatever the clip's resolution and rate.
/// </remarks>
public sealed class MouthCropper : IDisposable
{
    /// <summary>Frames are scaled down to this many pixels on their longer side before the face is sought.</summary>
    internal const int LongestSide = 960;

    /// <summary>Fewer frames than this at the output's rate aren't a clip.</summary>
    private const int FewestFrames = 5;

    private readonly FaceDetector _detector;
    private readonly FaceLandmarker _landmarker;

    /// <summary>Loads the networks.</summary>
    /// <exception cref="InvalidOperationException">OpenCV's native library is missing; the message says what to install.</exception>
    /// <exception cref="FileNotFoundException">The landmark models are missing.</exception>
    public MouthCropper()
    {
        _detector = new FaceDetector();
        _landmarker = new FaceLandmarker();
    }

    /// <summary>MD5 of the detector and the landmark model together: <see cref="CropSettings.LandmarkModels"/> of what this tracker crops.</summary>
    public static string LandmarkModelsHash => LandmarkModels.Hash;

    /// <summary>The usual settings, with the hash of this tracker's models.</summary>
    public static CropSettings DefaultSettings => new() { LandmarkModels = LandmarkModels.Hash };

    /// <summary>Crops the mouth of a video file or of a folder of numbered pictures.</summary>
    /// <param name="path">The file or folder. Any container, codec and rate that OpenCV's FFmpeg reads; rotation and timestamps are honoured.</param>
    /// <param name="settings">The settings; <see cref="CropSettings.LandmarkModels"/> has to be this tracker's or empty, which stands for it.</param>
    /// <param name="limits">What the clip may cost; null for the usual limits.</param>
    /// <param name="picturesPerSecond">The rate of a folder of pictures; videos have their own.</param>
    /// <param name="progress">Is told the share of the frames that are tracked, 0 to 1, as far as the clip says how many it has.</param>
    /// <param name="cancellationToken">Stops between two frames.</param>
    /// <exception cref="UnusableClipException">The clip can't be used; the message tells whoever gave it why and what to do.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public MouthCropResult Crop(string path, CropSettings settings, CropLimits? limits = null, double picturesPerSecond = 25, Action<double>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(settings);
        var started = Stopwatch.GetTimestamp();
        settings = RequireOwnModels(settings);
        using var frames = ClipFrames.Open(path, picturesPerSecond, limits ?? new());
        var tracker = new FaceTracker(_detector, _landmarker);
        var times = new List<double>();
        var opened = Stopwatch.GetElapsedTime(started);
        var decoding = Track(frames, tracker, times, settings, progress, cancellationToken);
        var tracked = Stopwatch.GetElapsedTime(started);
        RefuseFragments(frames, times, settings);
        var face = TrackChoice.LargestThatStays(tracker.Tracks);
        TrackChoice.RefuseUntracked(frames.Name, face, times, settings);
        var path_T = PosePath.Build(face!.Samples, times, settings.Smoothing / settings.FramesPerSecond);
        var clip = MouthWarp.Assemble(face, path_T, times, ConstantRate.LastFrameSeconds(times, frames.FramesPerSecond), settings);
        return new MouthCropResult
        {
            Clip = clip,
            Times = new CropTimes(opened + decoding, tracked - opened - decoding, Stopwatch.GetElapsedTime(started) - tracked),
            Notes = TrackChoice.Notes(tracker.Tracks, face, path_T, times),
            SourceFramesPerSecond = frames.FramesPerSecond,
            SourceFrames = times.Count,
            TrackedFrames = face.Samples.Count,
            FacesSeen = tracker.Tracks.Count,
            Faces = face.Samples.Select(s => s.Observation).ToList(),
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _detector.Dispose();
        _landmarker.Dispose();
    }

    internal static CropSettings RequireOwnModels(CropSettings settings)
    {
        if (settings.Size is < 16 or > 512) throw new ArgumentOutOfRangeException(nameof(settings), settings.Size, "A crop has 16 to 512 pixels on each side.");
        if (!(settings.FramesPerSecond is > 0 and <= 240)) throw new ArgumentOutOfRangeException(nameof(settings), settings.FramesPerSecond, "A frame rate is above 0 and at most 240.");
        if (!(settings.Extent is > 0.2 and < 5)) throw new ArgumentOutOfRangeException(nameof(settings), settings.Extent, "A crop's extent is 0.2 to 5 times the distance between the eyes.");
        if (!(settings.Smoothing is >= 0 and < 25)) throw new ArgumentOutOfRangeException(nameof(settings), settings.Smoothing, "Smoothing is 0 to 25 frames.");
        if (settings.LandmarkModels.Length == 0) return settings with { LandmarkModels = LandmarkModels.Hash };
        return settings.LandmarkModels == LandmarkModels.Hash ? settings
            : throw new UnusableClipException(UnusableReason.WrongSettings,
                $"These crop settings belong to landmark models {settings.LandmarkModels}; this program has {LandmarkModels.Hash}. Use the program's version that made the model, or train again.");
    }

    /// <returns>How much of the time went into decoding.</returns>
    private static TimeSpan Track(ClipFrames frames, FaceTracker tracker, List<double> times, CropSettings settings, Action<double>? progress, CancellationToken cancellationToken)
    {
        using var frame = new Mat();
        using var small = new Mat();
        long decoding = 0;
        for (var before = Stopwatch.GetTimestamp(); frames.TryRead(frame, out var seconds); before = Stopwatch.GetTimestamp())
        {
            decoding += Stopwatch.GetTimestamp() - before;
            cancellationToken.ThrowIfCancellationRequested();
            var scale = Math.Max(1f, Math.Max(frame.Width, frame.Height) / (float)LongestSide);
            if (scale > 1) Cv2.Resize(frame, small, new Size((int)MathF.Round(frame.Width / scale), (int)MathF.Round(frame.Height / scale)), 0, 0, InterpolationFlags.Area);
            var view = scale > 1 ? small : frame;
            tracker.Advance(view, times.Count, seconds, scale);
            foreach (var track in tracker.Tracks) KeepPatch(track, view, times.Count, seconds, settings);
            times.Add(seconds);
            // What the output's rate doesn't ask for is let go at once: a camera of 240 frames a second costs no more memory than one of 25.
            if (!ConstantRate.TakesLastButOne(times, settings.FramesPerSecond))
                foreach (var track in tracker.Tracks) track.Patches.Remove(times.Count - 2);
            if (frames.Declared > 0) progress?.Invoke(Math.Min(1, times.Count / (double)frames.Declared));
        }

        return Stopwatch.GetElapsedTime(0, decoding);
    }

    private static void KeepPatch(FaceTrack track, Mat frame, int index, double seconds, CropSettings settings)
    {
        var last = track.Samples[^1];
        // Frames after the face was lost are kept as long as the gap may still be bridged, with room for the head to have moved.
        if (seconds - last.Observation.Seconds > PosePath.LongestGap) return;
        var patch = MouthPatch.Cut(frame, last.Pose.ToPicture(MouthWarp.MeanMouth.X, MouthWarp.MeanMouth.Y), settings.Extent * last.Pose.Scale, settings.Size, track.LostFor == 0 ? 1.6 : 2.2);
        if (patch is not null) track.Patches[index] = patch;
    }

    private static void RefuseFragments(ClipFrames frames, List<double> times, CropSettings settings)
    {
        if (times.Count == 0)
            throw new UnusableClipException(UnusableReason.Undecodable, $"No frame of {frames.Name} can be decoded: the file is damaged or holds no picture. Record or copy it again.");
        var seconds = times[^1] + ConstantRate.LastFrameSeconds(times, frames.FramesPerSecond);
        if (times.Count == 1 || seconds * settings.FramesPerSecond < FewestFrames - 0.5)
            throw new UnusableClipException(UnusableReason.TooShort,
                $"{frames.Name} has {times.Count} frame{(times.Count == 1 ? "" : "s")} ({seconds:0.00} s); at least {FewestFrames / settings.FramesPerSecond:0.0#} s are needed. Record the whole word or sentence.");
    }
}
