using OpenCvSharp;

namespace LipSol.Vision;

/// <summary>What the tracker measured of the face in one frame of the source, in pixels of the source.</summary>
/// <remarks>"Right" and "left" are the person's: the right corner is on the left in the picture.</remarks>
public sealed record FaceObservation
{
    /// <summary>The frame's number in the source, from 0.</summary>
    public required int Frame { get; init; }

    /// <summary>The frame's time.</summary>
    public required double Seconds { get; init; }

    /// <summary>The landmark model's confidence, 0 to 1.</summary>
    public required float Confidence { get; init; }

    /// <summary>Mesh point 61, the mouth's corner on the picture's left.</summary>
    public required Point2f LipCornerRight { get; init; }

    /// <summary>Mesh point 291, the mouth's corner on the picture's right.</summary>
    public required Point2f LipCornerLeft { get; init; }

    /// <summary>Mesh point 13, the inner edge of the upper lip.</summary>
    public required Point2f UpperLipInner { get; init; }

    /// <summary>Mesh point 14, the inner edge of the lower lip.</summary>
    public required Point2f LowerLipInner { get; init; }

    /// <summary>Mesh point 0, the top of the upper lip.</summary>
    public required Point2f UpperLipTop { get; init; }

    /// <summary>Mesh point 17, the bottom of the lower lip.</summary>
    public required Point2f LowerLipBottom { get; init; }

    /// <summary>Pixels from one side of the face to the other (mesh points 234 and 454).</summary>
    public required float FaceWidth { get; init; }

    /// <summary>Pixels between the inner edges of the lips.</summary>
    public double LipGap => UpperLipInner.DistanceTo(LowerLipInner);

    internal static FaceObservation From(int frame, double seconds, float confidence, ReadOnlySpan<Point2f> mesh, float scale) => new()
    {
        Frame = frame,
        Seconds = seconds,
        Confidence = confidence,
        LipCornerRight = mesh[FaceMesh.LipCornerRight] * scale,
        LipCornerLeft = mesh[FaceMesh.LipCornerLeft] * scale,
        UpperLipInner = mesh[FaceMesh.UpperLipInner] * scale,
        LowerLipInner = mesh[FaceMesh.LowerLipInner] * scale,
        UpperLipTop = mesh[FaceMesh.UpperLipTop] * scale,
        LowerLipBottom = mesh[FaceMesh.LowerLipBottom] * scale,
        FaceWidth = (float)mesh[FaceMesh.FaceRight].DistanceTo(mesh[FaceMesh.FaceLeft]) * scale,
    };
}
