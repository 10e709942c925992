using OpenCvSharp;

namespace LipSol.Vision;

/// <summary>What was drawn in one frame, in pixels: what a tracker should find.</summary>
public sealed record SyntheticFaceTruth
{
    /// <summary>The mouth's corner on the picture's left (the person's right; mesh point 61).</summary>
    public required Point2f LipCornerRight { get; init; }

    /// <summary>The mouth's corner on the picture's right (the person's left; mesh point 291).</summary>
    public required Point2f LipCornerLeft { get; init; }

    /// <summary>The inner edge of the upper lip, in the middle.</summary>
    public required Point2f UpperLipInner { get; init; }

    /// <summary>The inner edge of the lower lip, in the middle.</summary>
    public required Point2f LowerLipInner { get; init; }

    /// <summary>Width of the drawn face.</summary>
    public required float FaceWidth { get; init; }

    /// <summary>Distance between the inner edges of the lips.</summary>
    public double LipGap => UpperLipInner.DistanceTo(LowerLipInner);
}
