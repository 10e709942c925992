using LipSol.Clips;

namespace LipSol.Corpus.Preparation;

/// <summary>Makes mouth clips of recordings. The corpus knows no video: the worker brings the tracker.</summary>
public interface ICropper
{
    /// <summary>How it crops. Equal settings and equal bytes give the equal mouth clip: the cache builds on it.</summary>
    CropSettings Settings { get; }

    /// <summary>Decodes, tracks and crops one recording. Called by several threads at once.</summary>
    /// <param name="path">A video, or a folder of numbered pictures.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="UnusableClipException">The clip can't be used; the reason is kept in the manifest.</exception>
    MouthClip Crop(string path, CancellationToken cancellationToken);
}
