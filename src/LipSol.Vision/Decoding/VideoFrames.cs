using LipSol.Clips;
using OpenCvSharp;

namespace LipSol.Vision;

/// <summary>A video file through OpenCV's FFmpeg: any container and codec it reads, rotation honoured, frame times from the file's timestamps.</summary>
internal sealed class VideoFrames : ClipFrames
{
    // videoio.hpp: CAP_PROP_ORIENTATION_META, CAP_PROP_OPEN_TIMEOUT_MSEC, CAP_PROP_READ_TIMEOUT_MSEC, CAP_PROP_N_THREADS.
    private const int Orientation = 48, OpenTimeout = 53, ReadTimeout = 54, Threads = 70;

    // B-frames that refer to each other put a frame two places behind where it's stored; a first frame later than that is really late.
    private const double MostFramesOfDelay = 2.5;

    private readonly VideoCapture _capture;
    private readonly Mat _stretched = new();
    private readonly double _pixelAspect;
    private readonly bool _onItsSide;
    private double _lastSeconds = double.NegativeInfinity;
    private double? _firstSeconds;

    public VideoFrames(string path, CropLimits limits) : base(Path.GetFileName(path), limits)
    {
        var bytes = new FileInfo(path).Length;
        if (bytes == 0) throw new UnusableClipException(UnusableReason.Undecodable, $"{Name} is empty (0 bytes). Copy or upload it again.");
        CheckBytes(bytes);
        RefusePlaylist(path);
        var timeout = (int)Math.Clamp(limits.ProcessingSeconds * 1000, 1000, int.MaxValue / 2);
        // The full path: a name such as "concat:a|b" or "pipe:0" would otherwise choose one of FFmpeg's protocols.
        _capture = new VideoCapture(Path.GetFullPath(path), VideoCaptureAPIs.FFMPEG, [OpenTimeout, timeout, ReadTimeout, timeout, Threads, 1]);
        try
        {
            if (!_capture.IsOpened())
                throw new UnusableClipException(UnusableReason.Undecodable,
                    $"{Name} is not a video that can be decoded: it is damaged, cut off before its index, or of another kind. Check that it plays elsewhere, and record or copy it again.");
            CheckPixels(_capture.FrameWidth, _capture.FrameHeight);
            var rate = _capture.Fps;
            FramesPerSecond = double.IsFinite(rate) && rate is > 0.001 and < 1000 ? rate : 25;
            Declared = Math.Max(0, _capture.FrameCount);
            CheckLength(_capture.FrameCount / FramesPerSecond, _capture.FrameCount);
            var aspect = _capture.Get(VideoCaptureProperties.SARNum) / _capture.Get(VideoCaptureProperties.SARDen);
            _pixelAspect = aspect is > 0.4 and < 2.5 && Math.Abs(aspect - 1) > 0.01 ? aspect : 1;
            _onItsSide = _capture.Get((VideoCaptureProperties)Orientation) is 90 or 270;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _capture.Dispose();
        _stretched.Dispose();
    }

    /// <inheritdoc/>
    protected override bool TryDecode(Mat frame_BGR, out double seconds)
    {
        seconds = 0;
        var target = _pixelAspect == 1 ? frame_BGR : _stretched;
        if (!_capture.Read(target) || target.Empty()) return false;
        if (_pixelAspect != 1)
        {
            // It tells of the pixels as they are stored: where the picture was turned on its side, their width is its height.
            CheckPixels(target.Width * _pixelAspect, target.Height);
            var size = _onItsSide ? new Size(target.Width, (int)Math.Round(target.Height * _pixelAspect)) : new Size((int)Math.Round(target.Width * _pixelAspect), target.Height);
            Cv2.Resize(target, frame_BGR, size, 0, 0, InterpolationFlags.Linear);
        }

        seconds = _capture.PosMsec / 1000.0;
        // Streams without timestamps, or with ones that stand still or go backwards, are taken to run at their declared rate.
        if (!double.IsFinite(seconds) || seconds < 0) seconds = 0;
        // AVI has no times of its own: of frames that are stored in another order than they are shown, the decoder's delay would be taken for one.
        _firstSeconds ??= seconds * FramesPerSecond < MostFramesOfDelay ? seconds : 0;
        seconds -= _firstSeconds.Value;
        if (seconds <= _lastSeconds + 1e-4) seconds = _lastSeconds + 1 / FramesPerSecond;
        _lastSeconds = seconds;
        return true;
    }

    /// <summary>Playlists and session descriptions name other files: they aren't clips, and following them isn't safe.</summary>
    private void RefusePlaylist(string path)
    {
        Span<byte> start = stackalloc byte[16];
        using var file = File.OpenRead(path);
        start = start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        if (start.StartsWith("#EXTM3U"u8) || start.StartsWith("ffconcat"u8) || start.StartsWith("v=0"u8) || start.StartsWith("[playlist]"u8))
            throw new UnusableClipException(UnusableReason.Undecodable, $"{Name} is a playlist, not a video. Give the video file itself.");
    }
}
