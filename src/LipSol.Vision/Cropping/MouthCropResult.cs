using LipSol.Clips;

namespace LipSol.Vision;

/// <summary>A clip's mouth crops and how they were obtained.</summary>
public sealed record MouthCropResult
{
    /// <summary>The crops.</summary>
    public required MouthClip Clip { get; init; }

    /// <summary>What someone who looks at the result should know: several faces, short gaps, a damaged end. In sentences; often none.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>Frames a second of the source (its average where it varies).</summary>
    public required double SourceFramesPerSecond { get; init; }

    /// <summary>Frames decoded.</summary>
    public required int SourceFrames { get; init; }

    /// <summary>Of those, the ones in which the face was really found.</summary>
    public required int TrackedFrames { get; init; }

    /// <summary>Faces seen anywhere in the clip.</summary>
    public required int FacesSeen { get; init; }

    /// <summary>What was measured in each frame in which the face was found; empty for pictures of mouths.</summary>
    public required IReadOnlyList<FaceObservation> Faces { get; init; }

    /// <summary>How long each stage took.</summary>
    public CropTimes Times { get; init; }

    /// <summary>The share of the source's frames in which the face was really found.</summary>
    public double TrackedShare => SourceFrames == 0 ? 0 : TrackedFrames / (double)SourceFrames;
}

/// <summary>Where the time of a clip's cropping went.</summary>
/// <param name="Decode">Reading its frames from the file.</param>
/// <param name="Track">Finding the face and its landmarks in them.</param>
/// <param name="Crop">Smoothing, aligning and cropping.</param>
public readonly record struct CropTimes(TimeSpan Decode, TimeSpan Track, TimeSpan Crop);
