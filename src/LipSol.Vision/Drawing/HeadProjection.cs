using LipSol.Clips;
using OpenCvSharp;

namespace LipSol.Vision;

/// <summary>Takes points of a head to pixels: an ellipsoid that turns, nods, rolls and comes nearer, seen from afar.</summary>
/// <remarks>Head coordinates: the origin in the head's middle, x to the picture's right and y downwards in shares of the face's height, z (out of the picture) found from the
/// ellipsoid. Below the nose the jaw stretches y.</remarks>
internal sealed class HeadProjection
{
    private const double LargestTurn = 15 * Math.PI / 180, LargestNod = 10 * Math.PI / 180;
    private const double JawDrop = 0.055;

    private readonly double _centreX, _centreY, _sinYaw, _cosYaw, _sinPitch, _cosPitch, _sinRoll, _cosRoll, _jaw, _noseBase;

    public HeadProjection(SyntheticFace face, SyntheticFaceFrame frame, int width, int height, double noseBase)
    {
        Pixels = face.Scale * frame.Zoom * height;
        HalfWidth = face.Aspect / 2;
        (_centreX, _centreY) = (frame.Centre.X * width - 0.5, frame.Centre.Y * height - 0.5);
        (_sinYaw, _cosYaw) = Math.SinCos(frame.Yaw * LargestTurn);
        (_sinPitch, _cosPitch) = Math.SinCos(frame.Pitch * LargestNod);
        (_sinRoll, _cosRoll) = Math.SinCos(frame.Roll * Math.PI / 180);
        _jaw = frame.Jaw * JawDrop;
        _noseBase = noseBase;
    }

    /// <summary>Pixels of the face's height.</summary>
    public double Pixels { get; }

    /// <summary>Half the face's width in shares of its height.</summary>
    public double HalfWidth { get; }

    /// <summary>The head's surface above a point of the face's plane.</summary>
    public double Depth(double x, double y)
    {
        double u = x / (HalfWidth * 1.08), v = y / 0.62;
        return HalfWidth * 0.95 * Math.Sqrt(Math.Max(0, 1 - u * u - v * v));
    }

    /// <summary>Where the jaw's drop moves a height to.</summary>
    public double WithJaw(double y)
    {
        var share = Math.Clamp((y - _noseBase) / (0.5 - _noseBase), 0, 1.15);
        return y + _jaw * share * share * (1.5 - 0.5 * share);
    }

    /// <summary>A point of the face's surface, raised by <paramref name="raised"/> above the ellipsoid, in pixels.</summary>
    public Point2d At(double x, double y, double raised = 0) => Project(x, y, Depth(x, y) + raised);

    /// <summary>As <see cref="At"/>, but moved down by the jaw.</summary>
    public Point2d AtJaw(double x, double y, double raised = 0) => Project(x, WithJaw(y), Depth(x, y) + raised);

    /// <summary>A point of the head's outline, which turning doesn't move.</summary>
    public Point2d Outline(double x, double y)
    {
        var (px, py) = (x * _cosRoll - y * _sinRoll, x * _sinRoll + y * _cosRoll);
        return new(_centreX + Pixels * px, _centreY + Pixels * py);
    }

    /// <summary>From pixels back to the outline's coordinates.</summary>
    public (double X, double Y) FromPixel(double px, double py)
    {
        double u = (px - _centreX) / Pixels, v = (py - _centreY) / Pixels;
        return (u * _cosRoll + v * _sinRoll, -u * _sinRoll + v * _cosRoll);
    }

    /// <summary>A direction of the outline's plane, in pixels of one step in x and y.</summary>
    public (double Cos, double Sin) Axes => (_cosRoll / Pixels, _sinRoll / Pixels);

    private Point2d Project(double x, double y, double z)
    {
        var turned = x * _cosYaw + z * _sinYaw;
        var depth = z * _cosYaw - x * _sinYaw;
        return Outline(turned, y * _cosPitch + depth * _sinPitch);
    }
}
