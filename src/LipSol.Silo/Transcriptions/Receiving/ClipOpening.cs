using System.Diagnostics;
using LipSol.Clips;
using LipSol.Silo.Node;
using LipSol.Silo.Telemetry;
using LipSol.Silo.Workers;

namespace LipSol.Silo.Transcriptions;

/// <summary>From a clip that was sent to its mouth clip: cropped elsewhere where it's a video or pictures, checked where it's a mouth clip already.</summary>
internal static class ClipOpening
{
    /// <exception cref="UnusableClipException">It can't be used; the message says why and what to do.</exception>
    public static Task<CroppedClip> OpenAsync(ClipUpload upload, IClipCropper cropper, NodeOptions options, CancellationToken cancellationToken) =>
        OpenAsync(upload.Clip, cropper, options, bulk: false, null, cancellationToken);

    /// <inheritdoc cref="OpenAsync(ClipUpload, IClipCropper, NodeOptions, CancellationToken)"/>
    public static Task<CroppedClip> OpenAsync(ReceivedClip clip, IClipCropper cropper, NodeOptions options, bool bulk, Action<double>? progress, CancellationToken cancellationToken) =>
        clip.Kind == ClipKind.MouthClip ? OpenMouthClipAsync(clip.Path, options, cancellationToken) : CropAsync(clip, cropper, options, bulk, progress, cancellationToken);

    private static async Task<CroppedClip> OpenMouthClipAsync(string path, NodeOptions options, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var bytes = await File.ReadAllBytesAsync(path, cancellationToken);
        // Unpacked here, once, so that a damaged file is refused before it travels through the cluster.
        var clip = await Task.Run(() => MouthClipFile.Read(new MemoryStream(bytes, writable: false), options.Uploads.MouthClipBytes), cancellationToken);
        return new CroppedClip(bytes, clip.Length, clip.Quality.Count(q => q.Source == FrameSource.Tracked), clip.FramesPerSecond) { Decode = Stopwatch.GetElapsedTime(started) };
    }

    private static async Task<CroppedClip> CropAsync(ReceivedClip clip, IClipCropper cropper, NodeOptions options, bool bulk, Action<double>? progress, CancellationToken cancellationToken)
    {
        using var stage = Signals.Begin("crop");
        var order = new CropOrder(clip.Path) { PicturesPerSecond = clip.PicturesPerSecond, Bulk = bulk, Progress = progress };
        // The cropper keeps its own limits; this one holds even where a live clip waits for a free process for too long. What is done in bulk may wait.
        if (bulk) return await cropper.CropAsync(order, cancellationToken);
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(options.Uploads.Deadline);
        try
        {
            return await cropper.CropAsync(order, limited.Token);
        }
        catch (CropperBusyException) when (cancellationToken.IsCancellationRequested)
        {
            // It wasn't the node that found the wait too long, but whoever waits for the clip.
            throw new OperationCanceledException(cancellationToken);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new UnusableClipException(UnusableReason.TimedOut, "Decoding the clip took too long. Send a shorter one, or one with a smaller picture.");
        }
    }
}
