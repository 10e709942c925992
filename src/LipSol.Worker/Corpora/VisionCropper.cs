using LipSol.Clips;
using LipSol.Corpus.Preparation;
using LipSol.Vision;
using LipSol.Worker.Cropping;
using LipSol.WorkerProtocol;

namespace LipSol.Worker.Corpora;

/// <summary>The corpus' cropper: the real tracker. Drawn clips are compared with what was drawn.</summary>
internal sealed class VisionCropper(ClipLimits limits, LipCornerLedger? ledger = null) : ICropper, IDisposable
{
    private readonly MouthCroppers croppers = new();

    public CropSettings Settings { get; } = MouthCropper.DefaultSettings;

    public MouthClip Crop(string path, CancellationToken cancellationToken)
    {
        var cropped = croppers.Use(cropper => cropper.Crop(path, Settings, ClipCropping.Limits(limits), cancellationToken: cancellationToken));
        ledger?.Tracked(path, cropped.Faces);
        if (cropped.FacesSeen > 1) Console.WriteLine($"note: {Path.GetFileName(path)}: {string.Join(' ', cropped.Notes)}");
        return cropped.Clip;
    }

    public void Dispose() => croppers.Dispose();
}

/// <summary>The corpus' cropper for pictures that are mouths already: scales them, tracks nothing.</summary>
internal sealed class MouthPictureCropper(ClipLimits limits) : ICropper
{
    public CropSettings Settings { get; } = MouthCropImporter.DefaultSettings;

    public MouthClip Crop(string path, CancellationToken cancellationToken) =>
        MouthCropImporter.Import(path, Settings, ClipCropping.Limits(limits), cancellationToken: cancellationToken).Clip;
}
