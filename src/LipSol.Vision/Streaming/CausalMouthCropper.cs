using System.Runtime.InteropServices;
using LipSol.Clips;
using OpenCvSharp;

namespace LipSol.Vision;

/// <summary>Crops the mouth from pictures as they come: as <see cref="MouthCropper"/> does with a whole clip, but knowing nothing of what comes later than <see cref="Lag"/> frames behind.</summary>
/// <remarks>
/// What differs from the whole clip's crops: the pose is smoothed with so many frames of the future instead of three; a face that is lost is held where it was instead of interpolated to where it will be; the crop's middle is the median of
/// the last ten seconds instead of the clip's; and the face that is followed is the largest one, until it has been lost for 0.4 s. Nothing comes before the first face.
/// Not thread-safe: one stream at a time. Memory doesn't grow with the stream's length.
/// </remarks>
public sealed class CausalMouthCropper : IDisposable
{
    /// <summary>Frames at the crops' rate by which a crop lags behind its picture: 80 ms at 25 a second, two of the three frames that the smoothing looks ahead.</summary>
    public const int Lag = 2;

    /// <summary>Pictures further apart than this are another scene: what came before has nothing to say about it.</summary>
    public const double LongestSilence = 1;

    private const int MouthsKept = 250, SamplesKept = 64, LostForGood = 75;

    private readonly FaceDetector _detector = new();
    private readonly FaceLandmarker _landmarker = new();
    private readonly Mat _small = new();
    private readonly Mat _warp_23 = new(2, 3, MatType.CV_64FC1);
    private readonly Queue<Point2d> _mouths = new();
    private readonly List<Seen> _seen = [];
    private CropSettings _settings = MouthCropper.DefaultSettings;
    private FaceTracker _tracker;
    private FaceTrack? _face;
    private CausalRate _rate;
    private FacePose _held;
    private byte[]? _last;
    private int _pictures, _settled, _span;

    /// <summary>Loads the networks and begins a stream with the usual settings.</summary>
    /// <exception cref="InvalidOperationException">OpenCV's native library is missing; the message says what to install.</exception>
    /// <exception cref="FileNotFoundException">The landmark models are missing.</exception>
    public CausalMouthCropper()
    {
        _tracker = new FaceTracker(_detector, _landmarker);
        _rate = new CausalRate(_settings.FramesPerSecond);
    }

    /// <summary>Faces in the last picture.</summary>
    public int Faces => _tracker.Tracks.Count(t => t.LostFor == 0);

    /// <summary>Begins another stream: nothing of the one before is left.</summary>
    /// <exception cref="UnusableClipException">The settings belong to other landmark models.</exception>
    public void Begin(CropSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _settings = MouthCropper.RequireOwnModels(settings);
        _pictures = 0;
        _rate = new CausalRate(_settings.FramesPerSecond);
        Restart();
    }

    /// <summary>Takes the next picture.</summary>
    /// <param name="picture">JPEG or PNG.</param>
    /// <param name="seconds">Its time in the stream; increasing.</param>
    /// <param name="pixels">Most pixels it may have.</param>
    /// <returns>The crops that are due: none, one, or, at a rate lower than the crops', several.</returns>
    /// <exception cref="UnusableClipException">It can't be decoded or is too large; the stream goes on with the next.</exception>
    public IReadOnlyList<CausalCrop> Push(ReadOnlySpan<byte> picture, double seconds, long pixels = 4096L * 2304)
    {
        using var frame_BGR = PictureDecoding.Decode(picture, pixels);
        return Push(frame_BGR, seconds);
    }

    /// <summary>The crops that still lag behind. Pictures may go on to come.</summary>
    public IReadOnlyList<CausalCrop> Finish()
    {
        if (_seen.Count == 0) return [];
        var crops = Settle(double.PositiveInfinity);
        crops.AddRange(_rate.Finish());
        return crops;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _detector.Dispose();
        _landmarker.Dispose();
        _small.Dispose();
        _warp_23.Dispose();
    }

    internal IReadOnlyList<CausalCrop> Push(Mat frame_BGR, double seconds)
    {
        var before = new List<CausalCrop>();
        if (_seen.Count > 0 && seconds - _seen[^1].Seconds > LongestSilence)
        {
            before.AddRange(Finish());
            Restart();
        }

        if (_seen.Count > 0 && !(seconds > _seen[^1].Seconds)) throw new ArgumentOutOfRangeException(nameof(seconds), seconds, $"The picture before was at {_seen[^1].Seconds} s: times increase.");
        _seen.Add(See(frame_BGR, seconds));
        before.AddRange(Settle(seconds));
        // What no smoothing, and no gap that may still be bridged, reaches back to.
        var reach = Math.Max(PosePath.LongestGap, 3 * Sigma) + (Lag + 1) / _settings.FramesPerSecond;
        while (_settled > 0 && _seen[0].Seconds < seconds - 2 * reach)
        {
            _seen.RemoveAt(0);
            _settled--;
        }

        return before;
    }

    private double Sigma => _settings.Smoothing / _settings.FramesPerSecond;

    private void Restart()
    {
        _tracker = new FaceTracker(_detector, _landmarker);
        _face = null;
        _seen.Clear();
        _mouths.Clear();
        _rate.Restart();
        _last = null;
        _settled = 0;
        _span++;
    }

    private Seen See(Mat frame_BGR, double seconds)
    {
        var scale = Math.Max(1f, Math.Max(frame_BGR.Width, frame_BGR.Height) / (float)MouthCropper.LongestSide);
        if (scale > 1) Cv2.Resize(frame_BGR, _small, new Size((int)MathF.Round(frame_BGR.Width / scale), (int)MathF.Round(frame_BGR.Height / scale)), 0, 0, InterpolationFlags.Area);
        var view = scale > 1 ? _small : frame_BGR;
        _tracker.Advance(view, _pictures++, seconds, scale);
        _tracker.Forget(LostForGood, SamplesKept);
        Follow(seconds);
        if (_face is null) return new Seen(seconds, _span, null, null);

        var sample = _face.Samples[^1];
        var found = _face.LostFor == 0;
        if (found)
        {
            _mouths.Enqueue(MouthWarp.MouthOf(sample));
            if (_mouths.Count > MouthsKept) _mouths.Dequeue();
        }

        var bridged = seconds - sample.Observation.Seconds <= PosePath.LongestGap;
        var patch = bridged ? MouthPatch.Cut(view, sample.Pose.ToPicture(MouthWarp.MeanMouth.X, MouthWarp.MeanMouth.Y), _settings.Extent * sample.Pose.Scale, _settings.Size, found ? 1.6 : 2.2) : null;
        return new Seen(seconds, _span, found ? sample : null, patch);
    }

    /// <summary>Stays with a face until it's lost for longer than is bridged; then, and at first, takes the largest.</summary>
    private void Follow(double seconds)
    {
        if (_face is not null && _tracker.Tracks.Contains(_face) && (_face.LostFor == 0 || seconds - _face.Samples[^1].Observation.Seconds <= PosePath.LongestGap)) return;
        var largest = _tracker.Tracks.Where(t => t.LostFor == 0).MaxBy(t => t.Width);
        if (largest is null || largest == _face) return;
        _face = largest;
        _mouths.Clear();
        _span++;
    }

    // A frame is settled once the frames are there that its smoothing waits for.
    private List<CausalCrop> Settle(double newest)
    {
        var crops = new List<CausalCrop>();
        var wait = (Lag - ConstantRate.Near) / _settings.FramesPerSecond;
        for (; _settled < _seen.Count && _seen[_settled].Seconds + wait <= newest; _settled++)
        {
            var frame = _seen[_settled];
            if (Place(_settled) is var (pose, quality) && quality.Source != FrameSource.Missing && frame.Patch is { } patch)
            {
                var centre = MouthWarp.Centre(_mouths);
                crops.AddRange(_rate.Push(new SettledFrame(frame.Seconds, quality, () => Warp(patch, pose, centre))));
            }
            else if (_last is { } last)
            {
                crops.AddRange(_rate.Push(new SettledFrame(frame.Seconds, default, () => last)));
            }

            if (crops.Count > 0) _last = crops[^1].Pixels;
        }

        return crops;
    }

    private byte[] Warp(MouthPatch patch, FacePose pose, Point2d centre)
    {
        using var crop = new Mat(_settings.Size, _settings.Size, MatType.CV_8UC1);
        patch.Warp(pose, centre, _settings.Extent, crop, _warp_23);
        var pixels = new byte[_settings.Size * _settings.Size];
        Marshal.Copy(crop.Data, pixels, 0, pixels.Length);
        return pixels;
    }

    /// <summary>The pose of a frame from what is known now: smoothed, interpolated where the face has come back already, held where it hasn't.</summary>
    private (FacePose Pose, FrameQuality Quality) Place(int frame)
    {
        int first = frame, last = frame;
        while (first > 0 && _seen[first - 1].Span == _seen[frame].Span) first--;
        while (last + 1 < _seen.Count && _seen[last + 1].Span == _seen[frame].Span) last++;
        var samples = new List<FaceSample>();
        for (var i = first; i <= last; i++)
            if (_seen[i].Sample is { } sample) samples.Add(sample with { Observation = sample.Observation with { Frame = i - first } });
        if (samples.Count == 0) return default;
        var times = _seen.GetRange(first, last - first + 1).ConvertAll(s => s.Seconds);
        var path = PosePath.Build(samples, times, Sigma);
        var quality = path.Quality[frame - first];
        if (quality.Source != FrameSource.Missing) return (_held = path[frame - first], quality);
        var before = samples.LastOrDefault(s => s.Observation.Frame < frame - first);
        return before.Observation is { } o && times[frame - first] - times[o.Frame] <= PosePath.LongestGap ? (_held, new FrameQuality(FrameSource.Interpolated, 0)) : default;
    }

    /// <summary>A picture as it was seen.</summary>
    /// <param name="Seconds">Its time.</param>
    /// <param name="Span">The stretch of the stream in which one face was followed.</param>
    /// <param name="Sample">The face that is followed; null where it wasn't found.</param>
    /// <param name="Patch">The pixels around its mouth; null where that is outside the picture, or the face lost.</param>
    private sealed record Seen(double Seconds, int Span, FaceSample? Sample, MouthPatch? Patch);
}
