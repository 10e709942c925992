using LipSol.Clips;
using OpenCvSharp;

namespace LipSol.Vision;

/// <summary>Paints what speech doesn't move: hair, ears, neck, the head's skin and beard, eyes, brows and nose.</summary>
internal sealed unsafe class FacePainter(Canvas canvas)
{
    public const double EyeHeight = -0.10;

    /// <summary>The base of the nose in head coordinates.</summary>
    public static double NoseBase(SyntheticFace face) => EyeHeight + face.NoseLength + 0.02;

    public void PaintBehind(SyntheticFace face, HeadProjection head)
    {
        var pixel = head.Pixels;
        Tone skin = Tone.From(face.Skin), hair = Tone.From(face.Hair), cloth = Tone.From(face.Background).Towards(new Tone(60, 45, 40), 0.75f);
        var w = head.HalfWidth;
        canvas.Fill(Outline(head, [(-2.1 * w, 1.3), (-2.0 * w, 0.82), (-1.3 * w, 0.70), (-0.6 * w, 0.62), (0.6 * w, 0.62), (1.3 * w, 0.70), (2.0 * w, 0.82), (2.1 * w, 1.3)]), cloth, 0.01 * pixel);
        canvas.Fill(Outline(head, [(-0.62 * w, 0.25), (-0.66 * w, 0.60), (-0.9 * w, 0.68), (0, 0.80), (0.9 * w, 0.68), (0.66 * w, 0.60), (0.62 * w, 0.25)]), skin * 0.62f, skin * 0.85f, head.Outline(0, 0.45), head.Outline(0, 0.75), 0.01 * pixel);
        canvas.Fill(Ellipse(head, 0, -0.14, 1.10 * w, 0.47), hair, 0.008 * pixel);
        foreach (var side in (ReadOnlySpan<double>)[-1, 1])
        {
            canvas.Fill(Ellipse(head, side * 1.03 * w, -0.02, 0.13 * w, 0.105), skin * 0.88f, 0.006 * pixel);
            canvas.Spot(head.Outline(side * 1.05 * w, -0.02), Step(head, 0.07 * w, 0), 0.06 * pixel, 0.75);
        }
    }

    public void PaintHead(SyntheticFace face, HeadProjection head)
    {
        var skin = Tone.From(face.Skin);
        var outline = HeadOutline(head);
        canvas.Fill(outline, skin, 0.006 * head.Pixels);
        if (face.Beard > 0.02) PaintBeard(face, head);
        PaintHair(face, head);
        PaintModelling(face, head);
    }

    public void PaintEyes(SyntheticFace face, SyntheticFaceFrame frame, HeadProjection head)
    {
        Tone skin = Tone.From(face.Skin), hair = Tone.From(face.Hair);
        var pixel = head.Pixels;
        var half = 0.42 * face.EyeDistance * face.Aspect / 2 * 1.10;
        var open = Math.Clamp(frame.EyesOpen, 0, 1.1);
        foreach (var side in (ReadOnlySpan<double>)[-1, 1])
        {
            var x = side * face.EyeDistance * face.Aspect / 2;
            double upper = 0.030 * open - 0.006 * (1 - open), lower = 0.014;
            Point2d Lid(double s, double height) => head.At(x + s * half, EyeHeight - height * Math.Pow(Math.Max(0, 1 - s * s), 0.7) - 0.004 * s * side, -0.01);
            canvas.Spot(head.At(x, EyeHeight), Step(head, 1.7 * half, 0), 0.075 * pixel, 0.80);
            if (open > 0.08)
            {
                canvas.Fill(Loop(s => Lid(s, upper), s => Lid(s, -lower)), new Tone(196, 202, 206), 0.003 * pixel);
                var iris = 0.024;
                var visible = Math.Min(iris, (upper + lower) / 2 + 0.004);
                var middle = head.At(x, EyeHeight - (upper - lower) / 2, -0.01);
                canvas.Fill(Circle(head, middle, iris * 0.95, visible), new Tone(38, 52, 74), 0.002 * pixel);
                canvas.Fill(Circle(head, middle, iris * 0.45, Math.Min(visible, iris * 0.45)), new Tone(12, 12, 14), 0.002 * pixel);
                canvas.Fill(Circle(head, new(middle.X - 0.008 * pixel, middle.Y - Math.Min(0.008, visible / 2) * pixel), 0.005, 0.005), new Tone(235, 235, 235), 0, 0.85);
            }

            canvas.Fill(Loop(s => Lid(s * 1.06, upper + 0.007), s => Lid(s * 1.06, upper - 0.002)), skin.Towards(new Tone(20, 20, 24), 0.85f), 0.003 * pixel);
            canvas.Fill(Loop(s => Lid(s * 1.02, -lower), s => Lid(s * 1.02, -lower - 0.004)), skin * 0.55f, 0.003 * pixel, 0.7);
            canvas.Fill(Loop(s => Lid(s * 1.1, upper + 0.019), s => Lid(s * 1.1, upper + 0.015)), skin * 0.62f, 0.004 * pixel, 0.7);
            Point2d Brow(double s, double height) => head.At(x + s * half * 1.45 + side * 0.004, EyeHeight - 0.070 - 0.016 * (1 - s * s) + 0.006 * s * side + height, 0.01);
            canvas.Fill(Loop(s => Brow(s, -0.010 * (1 - 0.5 * s * side)), s => Brow(s, 0.008 * (1 - 0.5 * s * side))), hair.Towards(skin, 0.15f), 0.005 * pixel, 0.92);
        }
    }

    public void PaintNose(SyntheticFace face, HeadProjection head)
    {
        var skin = Tone.From(face.Skin);
        var pixel = head.Pixels;
        var w = head.HalfWidth;
        double tip = NoseBase(face) - 0.045, below = NoseBase(face), wing = 0.27 * w;
        foreach (var side in (ReadOnlySpan<double>)[-1, 1])
        {
            // The side of the bridge, the wing and its fold.
            canvas.Spot(head.At(side * 0.13 * w, EyeHeight + 0.035, 0.03), Step(head, 0.10 * w, 0), 0.085 * pixel, 0.84);
            canvas.Spot(head.At(side * 0.20 * w, tip - 0.02, 0.04), Step(head, 0.10 * w, 0), 0.065 * pixel, 0.88);
            canvas.Spot(head.At(side * wing, tip + 0.018, 0.02), Step(head, 0.055 * w, 0), 0.036 * pixel, 0.66);
            canvas.Fill(Circle(head, head.At(side * 0.125 * w, below - 0.012, 0.05), 0.085 * w, 0.010), skin * 0.30f, 0.005 * pixel, 0.85);
        }

        canvas.Spot(head.At(0, EyeHeight + 0.07, 0.06), Step(head, 0.055 * w, 0), 0.12 * pixel, 1.16);
        canvas.Spot(head.At(0, tip - 0.012, 0.10), Step(head, 0.13 * w, 0), 0.040 * pixel, 1.20);
        canvas.Spot(head.At(0, below + 0.014, 0.02), Step(head, 0.26 * w, 0), 0.026 * pixel, 0.74);
    }

    private void PaintModelling(SyntheticFace face, HeadProjection head)
    {
        var pixel = head.Pixels;
        var w = head.HalfWidth;
        canvas.Spot(head.At(0, -0.26), Step(head, 0.6 * w, 0), 0.13 * pixel, 1.07);
        foreach (var side in (ReadOnlySpan<double>)[-1, 1])
        {
            canvas.Spot(head.At(side * 0.52 * w, 0.06), Step(head, 0.32 * w, 0), 0.09 * pixel, 1.10);
            canvas.Spot(head.AtJaw(side * 0.74 * w, 0.20), Step(head, 0.22 * w, 0.02), 0.13 * pixel, 0.90);
        }
    }

    private void PaintHair(SyntheticFace face, HeadProjection head)
    {
        var w = head.HalfWidth;
        var hair = Tone.From(face.Hair);
        (double, double)[] cap =
        [
            (-1.10 * w, 0.0), (-1.13 * w, -0.22), (-1.0 * w, -0.42), (-0.6 * w, -0.58), (0, -0.63), (0.6 * w, -0.58), (1.0 * w, -0.42), (1.13 * w, -0.22), (1.10 * w, 0.0),
            (0.97 * w, -0.06), (0.93 * w, -0.20), (0.72 * w, -0.33), (0.3 * w, -0.375), (-0.15 * w, -0.36), (-0.5 * w, -0.365), (-0.80 * w, -0.30), (-0.93 * w, -0.19), (-0.97 * w, -0.06),
        ];
        canvas.Fill(Outline(head, Rounded(cap)), hair * 1.25f, hair * 0.9f, head.Outline(0, -0.63), head.Outline(0, -0.30), 0.010 * head.Pixels);
    }

    /// <summary>Stubble to a full beard: on the jaw, the chin and above the mouth, thinning towards the cheeks.</summary>
    private void PaintBeard(SyntheticFace face, HeadProjection head)
    {
        var w = head.HalfWidth;
        var hair = Tone.From(face.Hair).Towards(Tone.From(face.Skin), 0.25f);
        var soft = 0.022 * head.Pixels;
        var opacity = 0.80 * Math.Clamp(face.Beard, 0, 1);
        List<Point2d> jaw = [];
        (double X, double Y)[] half = [(0.97, -0.02), (0.965, 0.10), (0.91, 0.25), (0.74, 0.40), (0.45, 0.485), (0, 0.505)];
        jaw.AddRange(half.Select(p => head.AtJaw(p.X * w * 0.985, p.Y, -0.02)));
        jaw.AddRange(half.Reverse().Skip(1).Select(p => head.AtJaw(-p.X * w * 0.985, p.Y, -0.02)));
        (double X, double Y)[] inner = [(-0.82, 0.06), (-0.68, 0.20), (-0.50, face.MouthHeight - 0.03), (-0.38, face.MouthHeight - 0.065), (0, face.MouthHeight - 0.055), (0.38, face.MouthHeight - 0.065), (0.50, face.MouthHeight - 0.03), (0.68, 0.20), (0.82, 0.06)];
        jaw.AddRange(inner.Select(p => head.At(p.X * w, p.Y)));
        canvas.Fill(jaw.ToArray(), hair, soft, opacity);
    }

    private static Point2d[] HeadOutline(HeadProjection head)
    {
        var points = new Point2d[72];
        for (var i = 0; i < points.Length; i++)
        {
            var (sin, cos) = Math.SinCos(2 * Math.PI * i / points.Length);
            // An ellipse above the eyes; below, the cheeks stay wide and the chin narrows.
            var y = -0.5 * cos;
            var narrowing = y > 0 ? 1 - 0.34 * Math.Pow(y / 0.5, 3.2) : 1;
            var x = head.HalfWidth * Math.Sign(sin) * Math.Pow(Math.Abs(sin), y > 0 ? 0.80 : 0.92) * narrowing;
            points[i] = head.Outline(x, head.WithJaw(y));
        }

        return points;
    }

    private static (double X, double Y)[] Rounded((double X, double Y)[] corners)
    {
        // Chaikin's corner cutting, twice.
        for (var pass = 0; pass < 2; pass++)
        {
            var cut = new (double X, double Y)[2 * corners.Length];
            for (var i = 0; i < corners.Length; i++)
            {
                var (a, b) = (corners[i], corners[(i + 1) % corners.Length]);
                cut[2 * i] = (0.75 * a.X + 0.25 * b.X, 0.75 * a.Y + 0.25 * b.Y);
                cut[2 * i + 1] = (0.25 * a.X + 0.75 * b.X, 0.25 * a.Y + 0.75 * b.Y);
            }

            corners = cut;
        }

        return corners;
    }

    private static Point2d[] Outline(HeadProjection head, (double X, double Y)[] corners) => Array.ConvertAll(corners, c => head.Outline(c.X, c.Y));

    private static Point2d[] Ellipse(HeadProjection head, double x, double y, double halfWidth, double halfHeight)
    {
        var points = new Point2d[40];
        for (var i = 0; i < points.Length; i++)
        {
            var (sin, cos) = Math.SinCos(2 * Math.PI * i / points.Length);
            points[i] = head.Outline(x + halfWidth * cos, y + halfHeight * sin);
        }

        return points;
    }

    private static Point2d[] Circle(HeadProjection head, Point2d middle, double halfWidth, double halfHeight)
    {
        var points = new Point2d[20];
        var origin = head.Outline(0, 0);
        for (var i = 0; i < points.Length; i++)
        {
            var (sin, cos) = Math.SinCos(2 * Math.PI * i / points.Length);
            var p = head.Outline(halfWidth * cos, halfHeight * sin);
            points[i] = new(middle.X + p.X - origin.X, middle.Y + p.Y - origin.Y);
        }

        return points;
    }

    private static Point2d[] Loop(Func<double, Point2d> top, Func<double, Point2d> bottom)
    {
        const int Steps = 10;
        var points = new Point2d[2 * Steps + 2];
        for (var i = 0; i <= Steps; i++)
        {
            var s = 2.0 * i / Steps - 1;
            points[i] = top(s);
            points[^(i + 1)] = bottom(s);
        }

        return points;
    }

    private static Point2d Step(HeadProjection head, double x, double y)
    {
        Point2d a = head.Outline(0, 0), b = head.Outline(x, y);
        return new(b.X - a.X, b.Y - a.Y);
    }
}
