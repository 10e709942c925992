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
}
