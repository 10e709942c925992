namespace LipSol.Vision;

/// <summary>Indices of MediaPipe's 468-point face mesh. "Right" and "left" are the person's.</summary>
internal static class FaceMesh
{
    public const int Points = 468;

    public const int RightEyeOuter = 33, RightEyeInner = 133, LeftEyeInner = 362, LeftEyeOuter = 263;
    public const int NoseRoot = 168, NoseBridge = 6, NoseRight = 98, NoseLeft = 327, NoseBase = 2;
    public const int LipCornerRight = 61, LipCornerLeft = 291;
    public const int UpperLipTop = 0, UpperLipInner = 13, LowerLipInner = 14, LowerLipBottom = 17;
    public const int FaceRight = 234, FaceLeft = 454;
}
