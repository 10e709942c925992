namespace LipSol.Silo.Transcriptions;

/// <summary>What an uploaded clip may be at most; looked at before and while it's decoded.</summary>
internal sealed record UploadLimits
{
    /// <summary>Bytes of the file.</summary>
    public long Bytes { get; init; } = 64L << 20;
    /// <summary>Seconds of video.</summary>
    public double Seconds { get; init; } = 60;
    /// <summary>Pixels a frame: 4096×2304 and what is smaller.</summary>
    public long Pixels { get; init; } = 4096L * 2304;
    /// <summary>Seconds that decoding, tracking and cropping may take.</summary>
    public double ProcessingSeconds { get; init; } = 60;
    /// <summary>How long an upload may wait for a free cropper and be cropped.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(150);
    /// <summary>Bytes of a mouth clip's frames once unpacked: four minutes of 96×96 at 25 frames a second fit.</summary>
    public long MouthClipBytes { get; init; } = 64L << 20;
    /// <summary>Uploads worked on at once.</summary>
    public int Concurrent { get; init; } = 8;
    /// <summary>Uploads that may wait; more are told to come back.</summary>
    public int Waiting { get; init; } = 32;
    /// <summary>How long an upload may take to arrive. One that comes more slowly than Kestrel's minimum is ended sooner.</summary>
    public TimeSpan ReceiveWithin { get; init; } = TimeSpan.FromMinutes(10);
    /// <summary>Clips of one batch.</summary>
    public int BatchClips { get; init; } = 64;
    /// <summary>Bytes of one batch.</summary>
    public long BatchBytes { get; init; } = 512L << 20;
    /// <summary>Clips that may be under way whose answers are fetched later; more are told to come back.</summary>
    public int Jobs { get; init; } = 128;
    /// <summary>How long answers can be fetched; zero keeps none.</summary>
    public TimeSpan KeepAnswers { get; init; } = TimeSpan.FromHours(24);

    /// <summary>What follows from how large and how long a clip may be.</summary>
    public static UploadLimits Of(long bytes, double seconds)
    {
        // Tracking takes less than a frame's time at 25 frames a second, on one core; mouth clips of so many seconds have to fit too.
        var usual = new UploadLimits { Bytes = bytes, Seconds = seconds };
        var processing = Math.Max(usual.ProcessingSeconds, seconds);
        return usual with
        {
            BatchBytes = Math.Max(usual.BatchBytes, bytes),
            ProcessingSeconds = processing,
            Deadline = TimeSpan.FromSeconds(processing + 90),
            MouthClipBytes = Math.Max(usual.MouthClipBytes, (long)Math.Min(1L << 30, seconds * 30 * 96 * 96)),
        };
    }
}
