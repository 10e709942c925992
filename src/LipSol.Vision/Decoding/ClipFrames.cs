using System.Diagnostics;
using LipSol.Clips;
using OpenCvSharp;

namespace LipSol.Vision;

/// <summary>The frames of one clip, in order, with their times. Owns the decoder; enforces the limits.</summary>
internal abstract class ClipFrames : IDisposable
{
    /// <summary>More frames a second than this are a damaged time base, not a camera.</summary>
    private const double HighestRate = 240;

    private readonly CropLimits _limits;
    private readonly long _started = Stopwatch.GetTimestamp();

    protected ClipFrames(string name, CropLimits limits)
    {
        Name = name;
        _limits = limits;
    }

    /// <summary>The file's or folder's name, for messages.</summary>
    public string Name { get; }

    /// <summary>Frames a second as the clip declares them (its average where it varies).</summary>
    public double FramesPerSecond { get; protected init; }

    /// <summary>Frames that it declares to have; 0 where it doesn't say, or nothing that can be true.</summary>
    public long Declared { get; protected init; }

    /// <summary>Frames read so far.</summary>
    public int Count { get; private set; }

    /// <summary>Opens a video file or a folder of numbered pictures.</summary>
    /// <param name="path">The file or the folder.</param>
    /// <param name="picturesPerSecond">The rate of a folder of pictures.</param>
    /// <param name="limits">What the clip may cost.</param>
    /// <exception cref="UnusableClipException">It's missing, isn't a clip, or is over a limit.</exception>
    public static ClipFrames Open(string path, double picturesPerSecond, CropLimits limits)
    {
        OpenCvRuntime.Prepare();
        if (Directory.Exists(path)) return new PictureFrames(path, picturesPerSecond, limits);
        if (File.Exists(path)) return new VideoFrames(path, limits);
        throw new UnusableClipException(UnusableReason.Missing, $"{path} does not exist. Give a video file or a folder of numbered pictures.");
    }

    /// <summary>Decodes the next frame.</summary>
    /// <param name="frame_BGR">Receives the picture, 8 bits a channel, upright, with square pixels.</param>
    /// <param name="seconds">Its time from the clip's beginning; strictly increasing.</param>
    /// <returns>False at the clip's end, or where damage makes the rest undecodable.</returns>
    /// <exception cref="UnusableClipException">A limit is exceeded.</exception>
    public bool TryRead(Mat frame_BGR, out double seconds)
    {
        if (Stopwatch.GetElapsedTime(_started).TotalSeconds > _limits.ProcessingSeconds)
            throw new UnusableClipException(UnusableReason.TimedOut,
                $"{Name} took more than {_limits.ProcessingSeconds:0.##} s to decode and track ({Count} frames so far). Cut it into shorter clips, or scale it down.");
        if (!TryDecode(frame_BGR, out seconds)) return false;
        CheckPixels(frame_BGR.Width, frame_BGR.Height);
        Count++;
        if (seconds > _limits.Seconds) throw TooLong(null);
        if (Count > MostFrames) throw TooManyFrames(null);
        return true;
    }

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>Decodes one frame; false at the end.</summary>
    protected abstract bool TryDecode(Mat frame_BGR, out double seconds);

    /// <summary>Refuses more bytes than the limit.</summary>
    protected void CheckBytes(long bytes)
    {
        if (bytes > _limits.Bytes)
            throw new UnusableClipException(UnusableReason.TooLarge,
                $"{Name} has {bytes / 1048576.0:0.#} MiB; at most {_limits.Bytes / 1048576.0:0.#} MiB are taken. Cut it into shorter clips, or compress it more.");
    }

    /// <summary>Refuses frames of more pixels than the limit.</summary>
    protected void CheckPixels(double width, double height)
    {
        if (width * height > _limits.Pixels)
            throw new UnusableClipException(UnusableReason.TooLarge,
                $"{Name} has {width:0}×{height:0} pixels; at most {_limits.Pixels / 1e6:0.#} million are taken. Scale it down: 640×480 is plenty where the face fills a third of the picture.");
    }

    /// <summary>Refuses a clip whose declared duration or number of frames is clearly over the limit; near it, what is decoded decides.</summary>
    protected void CheckLength(double seconds, double frames)
    {
        if (seconds > _limits.Seconds * 1.1) throw TooLong(seconds);
        if (frames > MostFrames * 1.1) throw TooManyFrames(frames);
    }

    private double MostFrames => _limits.Seconds * HighestRate;

    private UnusableClipException TooManyFrames(double? frames) => new(UnusableReason.TooLong,
        $"{Name} has {(frames is { } n ? $"{n:0}" : "more")} frames{(frames is null ? " than it may" : "")}: at most {MostFrames:0} are taken, {_limits.Seconds:0.##} s at {HighestRate} a second. Cut it into shorter clips, or keep fewer frames a second: 25 are plenty.");

    private UnusableClipException TooLong(double? seconds) => new(UnusableReason.TooLong,
        $"{Name} is {(seconds is { } s ? $"{s:0} s long" : "longer")}; at most {_limits.Seconds:0.##} s are taken. Cut it into shorter clips.");
}
