using LipSol.Clips;
using LipSol.Silo.Transcriptions;

namespace LipSol.Silo.Tests.Nodes;

/// <summary>Crops as the test says; the real cropper is a process of its own.</summary>
internal sealed class ScriptedCropper : IClipCropper
{
    public Func<string, CancellationToken, Task<CroppedClip>> Crop { get; set; } =
        (path, _) => throw new UnusableClipException(UnusableReason.Undecodable, $"{Path.GetExtension(path)} is not a video.");

    /// <summary>The files it was given.</summary>
    public List<string> Paths { get; } = [];

    /// <summary>What it was asked last.</summary>
    public CropOrder? Last { get; private set; }

    public Task<CroppedClip> CropAsync(CropOrder order, CancellationToken cancellationToken)
    {
        Last = order;
        lock (Paths) Paths.Add(order.Path);
        return Crop(order.Path, cancellationToken);
    }
}
