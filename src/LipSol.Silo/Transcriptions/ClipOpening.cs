using LipSol.Clips;
using LipSol.Silo.Node;

namespace LipSol.Silo.Transcriptions;

/// <summary>From a clip that was sent to its mouth clip: cropped elsewhere where it's a video, checked where it's a mouth clip already.</summary>
internal static class ClipOpening
{
    /// <exception cref="UnusableClipException">It can't be used; the message says why and what to do.</exception>
    public static Task<CroppedClip> OpenAsync(ClipUpload upload, IClipCropper cropper, NodeOptions options, CancellationToken cancellationToken) =>
        upload.IsMouthClip ? OpenMouthClipAsync(upload.Path, options, cancellationToken) : CropAsync(upload.Path, cropper, options, cancellationToken);

    private static async Task<CroppedClip> OpenMouthClipAsync(string path, NodeOptions options, CancellationToken cancellationToken)
    {
        var bytes = await File.ReadAllBytesAsync(path, cancellationToken);
        // Unpacked here, once, so that a damaged file is refused before it travels through the cluster.
        var clip = await Task.Run(() => MouthClipFile.Read(new MemoryStream(bytes, writable: false), options.Uploads.MouthClipBytes), cancellationToken);
        return new CroppedClip(bytes, clip.Length, clip.Quality.Count(q => q.Source == FrameSource.Tracked), clip.FramesPerSecond);
    }

    private static async Task<CroppedClip> CropAsync(string path, IClipCropper cropper, NodeOptions options, CancellationToken cancellationToken)
    {
        // The cropper keeps its own limits; this one holds even where it waits for a free process for too long.
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(options.Uploads.Deadline);
        try
        {
            return await cropper.CropAsync(path, limited.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new UnusableClipException(UnusableReason.TimedOut, "Decoding the clip took too long. Send a shorter one, or one with a smaller picture.");
        }
    }
}
