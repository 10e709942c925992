using LipSol.Clips;
using LipSol.Vision;
using LipSol.WorkerProtocol;

namespace LipSol.Worker.Cropping;

/// <summary>Crops one file into a mouth clip's file; a clip that can't be used becomes a refusal with its reason.</summary>
internal static class ClipCropping
{
    public static CroppedClip Crop(MouthCropper cropper, string path, string outPath, string? previewPath, ClipLimits limits, double picturesPerSecond, Action<double>? progress, CancellationToken cancellationToken)
    {
        try
        {
            var cropped = cropper.Crop(path, MouthCropper.DefaultSettings, Limits(limits), picturesPerSecond, progress, cancellationToken);
            Replace(outPath, MouthClipFile.ToBytes(cropped.Clip));
            if (previewPath is not null) Replace(previewPath, MouthClipPreview.ToPng(cropped.Clip));
            return new CroppedClip
            {
                Path = path,
                Frames = cropped.Clip.Length,
                Tracked = cropped.Clip.Quality.Count(q => q.Source == FrameSource.Tracked),
                FramesPerSecond = cropped.SourceFramesPerSecond,
                Out = outPath,
                Preview = previewPath,
                Notes = cropped.Notes,
                Milliseconds = new CropMilliseconds(cropped.Times.Decode.TotalMilliseconds, cropped.Times.Track.TotalMilliseconds, cropped.Times.Crop.TotalMilliseconds),
            };
        }
        catch (UnusableClipException e)
        {
            return new CroppedClip { Path = path, Refused = e.Message, RefusedReason = e.Reason.ToString() };
        }
    }

    public static CropLimits Limits(ClipLimits limits) => new()
    {
        Seconds = limits.Seconds,
        Pixels = limits.Pixels,
        Bytes = limits.Bytes,
        ProcessingSeconds = limits.ProcessingSeconds,
    };

    /// <summary>Whole or not at all: a reader never sees half a file.</summary>
    private static void Replace(string path, byte[] content)
    {
        var unfinished = path + ".part";
        try
        {
            File.WriteAllBytes(unfinished, content);
            File.Move(unfinished, path, overwrite: true);
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }
    }
}
