namespace LipSol.Silo.Transcriptions;

/// <summary>Turns an uploaded video into a mouth clip, outside this process: a hostile file can crash or hang the cropper, never the silo.</summary>
internal interface IClipCropper
{
    /// <summary>Decodes, tracks and crops one clip, within the limits of time, size and pixels that the cropper was set up with.</summary>
    /// <param name="order">The clip. The caller deletes it afterwards; the cropper writes nothing beside it.</param>
    /// <param name="cancellationToken">Ends the work, and the process that does it where it doesn't stop.</param>
    /// <exception cref="Clips.UnusableClipException">The clip can't be used; the message says why and what to do.</exception>
    Task<CroppedClip> CropAsync(CropOrder order, CancellationToken cancellationToken);
}

/// <summary>A clip to crop.</summary>
/// <param name="Path">The video file, or the folder of numbered pictures.</param>
internal sealed record CropOrder(string Path)
{
    /// <summary>The rate of a folder of pictures.</summary>
    public double PicturesPerSecond { get; init; } = 25;

    /// <summary>Nobody waits for it at a connection: what isn't so goes first.</summary>
    public bool Bulk { get; init; }

    /// <summary>Is told the share of its frames that are done, about once a second; not called for a short clip.</summary>
    public Action<double>? Progress { get; init; }
}

/// <summary>A mouth clip made from a video.</summary>
/// <param name="MouthClip">The bytes of the mouth clip file (.npz).</param>
/// <param name="Frames">Its frames.</param>
/// <param name="TrackedFrames">Of those, really tracked (not interpolated).</param>
/// <param name="SourceFramesPerSecond">The video's own frame rate.</param>
internal sealed record CroppedClip(byte[] MouthClip, int Frames, int TrackedFrames, double SourceFramesPerSecond)
{
    /// <summary>What is worth knowing though the clip could be read: several faces, a face lost for a moment.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Time that reading its frames took; of a mouth clip, unpacking it.</summary>
    public TimeSpan Decode { get; init; }

    /// <summary>Time that finding the face and its landmarks took.</summary>
    public TimeSpan Track { get; init; }

    /// <summary>Time that smoothing, aligning and cropping took.</summary>
    public TimeSpan Crop { get; init; }
}
