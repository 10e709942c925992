using LipSol.Clips;
using OpenCvSharp;

namespace LipSol.Vision;

/// <summary>Paints the mouth: its dark inside, teeth, tongue, and the two lips.</summary>
internal sealed class MouthPainter(Canvas canvas)
{
    private const int Steps = 24;

    public SyntheticFaceTruth Paint(SyntheticFace face, SyntheticFaceFrame frame, HeadProjection head)
    {
        var mouth = new MouthShape(face, frame);
        var pixel = head.Pixels;
        var lips = Tone.From(face.Lips);
        var soft = Math.Max(0.3, 0.0045 * pixel);
        PaintSurroundings(mouth, head);
        PaintInside(frame, mouth, head, soft);

        var upper = Band(head, mouth, mouth.UpperOuter, mouth.UpperInner);
        canvas.Fill(upper, lips * 0.92f, lips * 0.66f, At(head, mouth, 0, mouth.UpperOuter), At(head, mouth, 0, mouth.UpperInner), soft);
        var lower = Band(head, mouth, mouth.LowerInner, mouth.LowerOuter);
        canvas.Fill(lower, lips * 0.86f, lips * 1.10f, At(head, mouth, 0, mouth.LowerInner), At(head, mouth, 0, mouth.LowerOuter), soft);
        var shine = At(head, mouth, 0.0, s => 0.45 * mouth.LowerInner(s) + 0.55 * mouth.LowerOuter(s));
        canvas.Spot(shine, Along(head, mouth, 0.42), 0.55 * Distance(At(head, mouth, 0, mouth.LowerInner), At(head, mouth, 0, mouth.LowerOuter)), 1.16);
        PaintLine(frame, mouth, head, soft);
        if (frame.LipBite > 0.05) PaintBite(frame, mouth, head, soft);

        return new SyntheticFaceTruth
        {
            LipCornerRight = Round(At(head, mouth, -1, mouth.UpperInner)),
            LipCornerLeft = Round(At(head, mouth, 1, mouth.UpperInner)),
            UpperLipInner = Round(At(head, mouth, 0, mouth.UpperInner)),
            LowerLipInner = Round(At(head, mouth, 0, mouth.LowerInner)),
            FaceWidth = (float)(2 * head.HalfWidth * pixel),
        };
    }

    /// <summary>The furrow below the lower lip, the dimples beside the corners, the groove above the bow.</summary>
    private void PaintSurroundings(MouthShape mouth, HeadProjection head)
    {
        var pixel = head.Pixels;
        var below = At(head, mouth, 0, s => mouth.LowerOuter(s) + 0.022);
        canvas.Spot(below, Along(head, mouth, 0.75), 0.030 * pixel, 0.80);
        canvas.Spot(At(head, mouth, 0, s => mouth.LowerOuter(s) + 0.085), Along(head, mouth, 0.7), 0.05 * pixel, 1.07);
        foreach (var side in (ReadOnlySpan<double>)[-1, 1])
        {
            // The cheek's fold comes down from the nose's wing to beside the corner and goes with it.
            var end = At(head, mouth, side * 1.22, _ => mouth.Height + mouth.CornerDrop - 0.012);
            var start = head.At(side * 0.30 * head.HalfWidth, mouth.Height - 0.135);
            canvas.Spot(new((start.X + end.X) / 2, (start.Y + end.Y) / 2), new((end.X - start.X) / 1.7, (end.Y - start.Y) / 1.7), 0.018 * pixel, 0.84);
            canvas.Spot(At(head, mouth, side * 1.30, _ => mouth.Height + mouth.CornerDrop), new(0.045 * pixel, 0), 0.05 * pixel, 1.06);
        }

        canvas.Spot(At(head, mouth, 0, s => mouth.UpperOuter(s) - 0.022), Along(head, mouth, 0.10), 0.028 * pixel, 0.90);
        foreach (var side in (ReadOnlySpan<double>)[-1, 1])
            canvas.Spot(At(head, mouth, side * 0.24, s => mouth.UpperOuter(s) - 0.012), Along(head, mouth, 0.12), 0.020 * pixel, 1.07);
    }

    private void PaintInside(SyntheticFaceFrame frame, MouthShape mouth, HeadProjection head, double soft)
    {
        if (mouth.Gap * head.Pixels < 0.3) return;
        var top = At(head, mouth, 0, mouth.UpperInner);
        var bottom = At(head, mouth, 0, mouth.LowerInner);
        var open = Math.Clamp(mouth.Gap / 0.04, 0, 1);
        canvas.Fill(Band(head, mouth, mouth.UpperInner, mouth.LowerInner), new Tone(34, 30, 62), new Tone(22, 16, 34), top, bottom, 0.6 * soft);
        if (frame.Teeth > 0.02)
        {
            var length = Math.Min(0.032, 0.62 * mouth.Gap) * Math.Clamp(frame.Teeth * 1.4, 0, 1);
            var teeth = Band(head, mouth, mouth.UpperInner, s => Math.Min(mouth.LowerInner(s), mouth.UpperInner(s) + length * Math.Pow(Math.Max(0, 1 - s * s), 0.3)), 0.84);
            canvas.Fill(teeth, new Tone(150, 168, 178), new Tone(196, 212, 220), top, At(head, mouth, 0, s => mouth.UpperInner(s) + length), 0.6 * soft, Math.Clamp(0.35 + frame.Teeth, 0, 1) * open);
            // Teeth farther back stand in the cheek's shadow.
            foreach (var side in (ReadOnlySpan<double>)[-1, 1])
                canvas.Spot(At(head, mouth, side * 0.85, mouth.UpperInner), Along(head, mouth, 0.35), 0.05 * head.Pixels, 0.45);
        }

        if (frame.Tongue > 0.02)
        {
            var rise = Math.Clamp(frame.Tongue, 0, 1);
            var tongue = Band(head, mouth, s => mouth.LowerInner(s) - (mouth.LowerInner(s) - mouth.UpperInner(s)) * (0.25 + 0.50 * rise) * Math.Pow(Math.Max(0, 1 - s * s / 0.55), 0.5), mouth.LowerInner, 0.70);
            canvas.Fill(tongue, new Tone(110, 105, 185), new Tone(80, 70, 140), top, bottom, soft, 0.9 * rise * open);
        }
    }

    /// <summary>The dark line where the lips meet; a little gap is a darker one.</summary>
    private void PaintLine(SyntheticFaceFrame frame, MouthShape mouth, HeadProjection head, double soft)
    {
        var thickness = 0.0035 + 0.0015 * Math.Clamp(frame.Press, 0, 1);
        var line = Band(head, mouth, s => mouth.UpperInner(s) - thickness * (1 - 0.5 * s * s), s => mouth.UpperInner(s) + thickness * (1 - 0.5 * s * s));
        canvas.Fill(line, new Tone(38, 30, 62), 0.8 * soft, mouth.Gap * head.Pixels < 1 ? 0.85 : 0.5);
        foreach (var side in (ReadOnlySpan<double>)[-1, 1])
            canvas.Spot(At(head, mouth, side * 0.985, mouth.UpperInner), new(0.016 * head.Pixels, 0), 0.013 * head.Pixels, 0.45);
    }

    /// <summary>The upper teeth's edge on the tucked-in lower lip.</summary>
    private void PaintBite(SyntheticFaceFrame frame, MouthShape mouth, HeadProjection head, double soft)
    {
        const double Reach = 0.66;
        var depth = 0.016 + 0.3 * mouth.Gap;
        var teeth = Band(head, mouth, mouth.UpperInner, s => mouth.UpperInner(s) + depth * Math.Sqrt(Math.Max(0, 1 - s * s / (Reach * Reach))), Reach);
        canvas.Fill(teeth, new Tone(128, 142, 152), new Tone(184, 198, 206), At(head, mouth, 0, mouth.UpperInner), At(head, mouth, 0, s => mouth.UpperInner(s) + depth), 0.8 * soft, Math.Clamp(frame.LipBite, 0, 1));
    }

    private static Point2d[] Band(HeadProjection head, MouthShape mouth, Func<double, double> top, Func<double, double> bottom, double reach = 1)
    {
        var points = new Point2d[2 * Steps + 2];
        for (var i = 0; i <= Steps; i++)
        {
            // Denser towards the corners, where the outline turns.
            var s = reach * Math.Sin(Math.PI / 2 * (2.0 * i / Steps - 1));
            points[i] = At(head, mouth, s, top);
            points[^(i + 1)] = At(head, mouth, s, bottom);
        }

        return points;
    }

    private static Point2d At(HeadProjection head, MouthShape mouth, double s, Func<double, double> height)
    {
        var y = height(s);
        // The upper lip hangs on the skull; the corners go half the jaw's way and the lower lip all of it, which the gap already holds.
        var carried = 0.25 * (head.WithJaw(mouth.Height) - mouth.Height);
        var chin = Math.Clamp((y - mouth.Height) / 0.06, 0, 1) * 0.6 * (head.WithJaw(mouth.Height) - mouth.Height);
        return head.At(s * mouth.HalfWidth, y + carried + chin, mouth.Raised * (1 - s * s));
    }

    private static Point2d Along(HeadProjection head, MouthShape mouth, double share)
    {
        Point2d right = head.At(share * mouth.HalfWidth, mouth.Height), left = head.At(-share * mouth.HalfWidth, mouth.Height);
        return new((right.X - left.X) / 2, (right.Y - left.Y) / 2);
    }

    private static double Distance(Point2d a, Point2d b) => a.DistanceTo(b);

    private static Point2f Round(Point2d p) => new((float)p.X, (float)p.Y);
}
