namespace LipSol.Silo.Transcriptions;

/// <summary>Turns an uploaded video into a mouth clip, outside this process: a hostile file can crash or hang the cropper, never the silo.</summary>
internal interface IClipCropper
{
    /// <summary>Decodes, tracks and crops one video file, within the limits of time, size and pixels that the cropper was set up with.</summary>
    /// <param name="videoPath">The uploaded file. The caller deletes it afterwards; the cropper writes nothing beside it.</param>
    /// <param name="cancellationToken">Ends the work, and the process that does it where it doesn't stop.</param>
    /// <exception cref="Clips.UnusableClipException">The clip can't be used; the message says why and what to do.</exception>
    Task<CroppedClip> CropAsync(string videoPath, CancellationToken cancellationToken);
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
}
