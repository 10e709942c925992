using LipSol.Clips;

namespace LipSol.Vision;

/// <summary>The lips' outlines in head coordinates: what opening, spreading, rounding, pressing and biting make of a resting mouth.</summary>
internal sealed class MouthShape
{
    /// <summary>The widest gap between the lips, in shares of the face's height.</summary>
    private const double WidestGap = 0.105;

    /// <summary>Width of the average mouth in shares of the average face's width.</summary>
    private const double AverageWidth = 0.36;

    private readonly double _upperLip, _lowerLip, _bow, _aperture;

    public MouthShape(SyntheticFace face, SyntheticFaceFrame frame)
    {
        double spread = Math.Clamp(frame.Spread, -1, 1), protrusion = Math.Clamp(frame.Protrusion, 0, 1);
        double press = Math.Clamp(frame.Press, 0, 1), bite = Math.Clamp(frame.LipBite, 0, 1);
        Height = face.MouthHeight;
        // The landmark model pulls the corners towards the mouth it expects of a face: widths far from that are tracked worse than real lips are.
        var average = AverageWidth * Math.Sqrt(0.75 / face.Aspect);
        var rest = average + 0.5 * (face.MouthWidth - AverageWidth);
        var round = Math.Max(0, -spread);
        HalfWidth = face.Aspect / 2 * (rest + (spread > 0 ? 0.045 : 0.036) * spread - 0.008 * protrusion - 0.006 * Math.Clamp(frame.Opening, 0, 1));
        _aperture = 1 - 0.38 * round - 0.14 * protrusion;
        Gap = WidestGap * Math.Clamp(frame.Opening, 0, 1) * (1 - press) * (1 - 0.75 * bite);
        // Spreading stretches the lips thin, protrusion rolls them out, pressing rolls them in.
        var roll = (1 + 0.30 * protrusion + 0.15 * round - 0.22 * Math.Max(0, spread)) * (1 - 0.45 * press);
        _upperLip = 0.030 * face.LipFullness * roll * (1 - 0.1 * Gap / WidestGap);
        _lowerLip = 0.042 * face.LipFullness * roll * (1 - 0.55 * bite);
        _bow = 0.16 * (1 - Math.Max(0, spread)) * (1 - 0.5 * protrusion);
        Raised = 0.012 + 0.03 * protrusion;
        CornerDrop = 0.10 * Gap - 0.006 * Math.Max(0, spread);
    }

    /// <summary>Height of the line between the closed lips.</summary>
    public double Height { get; }

    /// <summary>Half the distance between the corners.</summary>
    public double HalfWidth { get; }

    /// <summary>Distance between the inner edges in the middle.</summary>
    public double Gap { get; }

    /// <summary>How far the lips stand out from the face.</summary>
    public double Raised { get; }

    /// <summary>How far the corners are below the line between the lips.</summary>
    public double CornerDrop { get; }

    /// <summary>The inner edge of the upper lip at a share of the half-width, -1 to 1.</summary>
    public double UpperInner(double s) => Corner(s) - 0.30 * Gap * Arch(s / _aperture, 0.62);

    /// <summary>The inner edge of the lower lip.</summary>
    public double LowerInner(double s) => Corner(s) + 0.70 * Gap * Arch(s / _aperture, 0.62);

    /// <summary>The upper edge of the upper lip, with the bow's two peaks.</summary>
    public double UpperOuter(double s)
    {
        // The outer edges follow the gap over the whole width, the inner ones over the aperture: rounded lips touch beside it.
        var a = Math.Abs(s);
        var peak = Math.Exp(-Square((a - 0.24) / 0.20)) + 0.62 * Math.Exp(-Square(a / 0.16));
        return Corner(s) - 0.30 * Gap * Arch(s, 0.75) - _upperLip * ((1 - _bow) * Arch(s, 0.85) + _bow * 1.4 * peak * Arch(s, 0.5));
    }

    /// <summary>The lower edge of the lower lip.</summary>
    public double LowerOuter(double s) => Corner(s) + 0.70 * Gap * Arch(s, 0.75) + _lowerLip * Arch(s, 0.72);

    private double Corner(double s) => Height + CornerDrop * s * s;

    private static double Arch(double s, double power) => Math.Pow(Math.Max(0, 1 - s * s), power);

    private static double Square(double x) => x * x;
}
