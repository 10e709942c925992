namespace LipSol.Vision;

/// <summary>What a clip may cost. Checked before a frame is decoded as far as the file says, and with every frame.</summary>
public sealed record CropLimits
{
    /// <summary>Longest duration in seconds.</summary>
    public double Seconds { get; init; } = 600;

    /// <summary>Most pixels a frame.</summary>
    public long Pixels { get; init; } = 4096L * 2304;

    /// <summary>Most bytes of the file, or of a folder's pictures together.</summary>
    public long Bytes { get; init; } = 2L << 30;

    /// <summary>Longest time for one clip's decoding, tracking and cropping, in seconds.</summary>
    public double ProcessingSeconds { get; init; } = 300;
}
