using OpenCvSharp;

namespace LipSol.Vision;

/// <summary>The similarity transform from the mean face to the picture: <c>picture = (Re + i·Im)·mean + (X + i·Y)</c>.</summary>
/// <remarks>The mean face's unit is the distance between the eyes' centres, its origin the point between them, y downwards.</remarks>
internal readonly record struct FacePose(double Re, double Im, double X, double Y)
{
    /// <summary>MediaPipe's canonical face model seen from the front: the eyes' corners and the nose, which speech doesn't move.
    /// The mouth is left out on purpose: aligning by it would normalise spreading and rounding away.</summary>
    private static readonly (int Index, double X, double Y)[] MeanFace =
    [
        (FaceMesh.RightEyeOuter, -0.7054, -0.0062), (FaceMesh.RightEyeInner, -0.2946, 0.0062),
        (FaceMesh.LeftEyeInner, 0.2946, 0.0062), (FaceMesh.LeftEyeOuter, 0.7054, -0.0062),
        (FaceMesh.NoseRoot, 0, -0.1026), (FaceMesh.NoseBridge, 0, 0.0240),
        (FaceMesh.NoseRight, -0.2230, 0.6885), (FaceMesh.NoseLeft, 0.2230, 0.6885), (FaceMesh.NoseBase, 0, 0.7479),
    ];

    private static readonly (double X, double Y) MeanCentre = (MeanFace.Average(p => p.X), MeanFace.Average(p => p.Y));

    private static readonly double MeanSpread = MeanFace.Sum(p => Square(p.X - MeanCentre.X) + Square(p.Y - MeanCentre.Y));

    /// <summary>Pixels between the eyes.</summary>
    public double Scale => Math.Sqrt(Re * Re + Im * Im);

    /// <summary>The least-squares fit to a mesh (Umeyama 1991, in two dimensions).</summary>
    public static FacePose Fit(ReadOnlySpan<Point2f> mesh)
    {
        double centreX = 0, centreY = 0;
        foreach (var (index, _, _) in MeanFace)
        {
            centreX += mesh[index].X / MeanFace.Length;
            centreY += mesh[index].Y / MeanFace.Length;
        }

        double re = 0, im = 0;
        foreach (var (index, meanX, meanY) in MeanFace)
        {
            double x = meanX - MeanCentre.X, y = meanY - MeanCentre.Y;
            double u = mesh[index].X - centreX, v = mesh[index].Y - centreY;
            re += (x * u + y * v) / MeanSpread;
            im += (x * v - y * u) / MeanSpread;
        }

        return new(re, im, centreX - re * MeanCentre.X + im * MeanCentre.Y, centreY - im * MeanCentre.X - re * MeanCentre.Y);
    }

    /// <summary>From mean-face units to pixels.</summary>
    public Point2d ToPicture(double x, double y) => new(Re * x - Im * y + X, Im * x + Re * y + Y);

    /// <summary>From pixels to mean-face units.</summary>
    public Point2d ToMeanFace(Point2f pixel)
    {
        double u = pixel.X - X, v = pixel.Y - Y, square = Re * Re + Im * Im;
        return new((Re * u + Im * v) / square, (Re * v - Im * u) / square);
    }

    /// <summary>The pose between two others.</summary>
    public static FacePose Between(FacePose a, FacePose b, double share) => new(
        a.Re + share * (b.Re - a.Re), a.Im + share * (b.Im - a.Im), a.X + share * (b.X - a.X), a.Y + share * (b.Y - a.Y));

    private static double Square(double x) => x * x;
}
