namespace LipSol.Silo.Streaming;

/// <summary>What streams may cost, and how far behind the present a word is settled.</summary>
internal sealed record StreamLimits
{
    /// <summary>Streams that this node holds at once; more are told to come back.</summary>
    public int Sessions { get; init; } = 16;
    /// <summary>Of those, streams of pictures: each has a process that crops.</summary>
    public int Croppers { get; init; } = Math.Clamp(Environment.ProcessorCount, 1, 8);
    /// <summary>Processes that are kept for the next stream.</summary>
    public int KeptCroppers { get; init; } = 1;
    /// <summary>Most memory of such a process, in bytes.</summary>
    public long CropperMemory { get; init; } = 1L << 30;
    /// <summary>Bytes of a message.</summary>
    public int MessageBytes { get; init; } = 2 << 20;
    /// <summary>Pixels of a picture.</summary>
    public long Pixels { get; init; } = 1920L * 1200;
    /// <summary>Longest stream.</summary>
    public TimeSpan Session { get; init; } = TimeSpan.FromHours(1);
    /// <summary>Longest time without a whole message from the caller.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(30);
    /// <summary>Longest time to the first message, which says what the stream is.</summary>
    public TimeSpan Greeting { get; init; } = TimeSpan.FromSeconds(10);
    /// <summary>Longest time for the caller to take a message.</summary>
    public TimeSpan Sending { get; init; } = TimeSpan.FromSeconds(10);
    /// <summary>Longest time for a picture to be cropped.</summary>
    public TimeSpan Cropping { get; init; } = TimeSpan.FromSeconds(10);
    /// <summary>Pictures that may be on their way to be cropped; what comes faster is dropped.</summary>
    public int UnderWay { get; init; } = 8;
    /// <summary>Messages that may wait for the caller to take them; more, and the stream is given up.</summary>
    public int Outgoing { get; init; } = 256;
}
