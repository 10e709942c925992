using System.Globalization;
using System.Text;

namespace LipSol.Notebooks;

/// <summary>
/// Curves over steps. Add points as they come and show the chart again (<c>shown.Update(chart)</c>); a series of many points is drawn as the means of
/// neighbouring ones. Adding is safe from several threads.
/// </summary>
public sealed class MetricChart(string title)
{
    private const int Width = 440, Height = 210, Left = 44, Right = 12, Top = 26, Bottom = 26, MostPoints = 240;
    private readonly Lock _gate = new();
    private readonly List<Curve> _curves = [];

    /// <summary>What stands above it.</summary>
    public string Title { get; } = title;

    /// <summary>Whether values are shares, drawn from 0 to 100 %.</summary>
    public bool Share { get; init; }

    /// <summary>Adds a point to a series, which begins to exist with its first point. A step that comes again replaces the earlier value.</summary>
    /// <param name="series">Its name in the legend.</param>
    /// <param name="step">Where.</param>
    /// <param name="value">The value; one that isn't finite leaves a gap.</param>
    /// <param name="colour">Which of the palette's colours; series of one run share theirs.</param>
    /// <param name="dashed">Whether the line is dashed, e.g. for training's own figures.</param>
    public void Add(string series, long step, double value, int colour = 0, bool dashed = false)
    {
        lock (_gate)
        {
            var curve = _curves.Find(c => c.Name == series);
            if (curve is null)
            {
                // In the order of the runs, whichever tells first.
                var at = _curves.FindIndex(c => c.Place > colour);
                _curves.Insert(at < 0 ? _curves.Count : at, curve = new Curve(series, colour, dashed));
            }

            if (double.IsFinite(value))
                curve.Points[step] = value;
        }
    }

    /// <summary>Whether no point was added yet.</summary>
    internal bool IsEmpty
    {
        get
        {
            lock (_gate)
                return _curves.Count == 0;
        }
    }

    /// <summary>The chart as SVG.</summary>
    public string ToSvg()
    {
        lock (_gate)
            return Draw();
    }

    internal string ToHtml() => ToSvg();

    private string Draw()
    {
        var drawn = _curves.Where(c => c.Points.Count > 0).ToArray();
        double lastStep = Math.Max(1, drawn.Select(c => c.Points.Keys.Last()).DefaultIfEmpty(1).Max());
        var (low, high, ticks) = Share ? (0.0, 1.0, new[] { 0, 0.25, 0.5, 0.75, 1 }) : Scale(drawn);
        double X(double step) => Left + step / lastStep * (Width - Left - Right);
        double Y(double value) => Top + (high - value) / (high - low) * (Height - Top - Bottom);

        var svg = new StringBuilder();
        svg.Append(Markup.Invariant($"<svg width=\"{Width}\" height=\"{Height}\" viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{Markup.Encode(Title)}\">"));
        svg.Append(Markup.Invariant($"<text x=\"{Left}\" y=\"14\" style=\"font-weight:600;font-size:12px\">{Markup.Encode(Title)}</text>"));
        foreach (var tick in ticks)
        {
            var label = Share ? tick.ToString("0 %", CultureInfo.InvariantCulture).Replace(" ", "\u202f", StringComparison.Ordinal) : tick.ToString("0.###", CultureInfo.InvariantCulture);
            svg.Append(Markup.Invariant($"<line x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Y(tick):0.#}\" y2=\"{Y(tick):0.#}\" stroke=\"currentColor\" opacity=\".13\"/><text x=\"{Left - 6}\" y=\"{Y(tick) + 4:0.#}\" text-anchor=\"end\" opacity=\".7\">{label}</text>"));
        }

        svg.Append(Markup.Invariant($"<text x=\"{Left}\" y=\"{Height - 8}\" opacity=\".7\">0</text><text x=\"{Width - Right}\" y=\"{Height - 8}\" text-anchor=\"end\" opacity=\".7\">step {lastStep:0}</text>"));
        if (drawn.Length == 0)
            svg.Append(Markup.Invariant($"<text x=\"{Width / 2}\" y=\"{Height / 2}\" text-anchor=\"middle\" opacity=\".6\">no points yet</text>"));
        foreach (var curve in drawn)
        {
            var points = Thin(curve.Points);
            var line = string.Join(' ', points.Select(p => Markup.Invariant($"{X(p.Step):0.#},{Y(Math.Clamp(p.Value, low, high)):0.#}")));
            svg.Append($"<polyline points=\"{line}\" fill=\"none\" stroke=\"{curve.Colour}\" stroke-width=\"{(curve.Dashed ? "1.3" : "2")}\" stroke-linejoin=\"round\"{(curve.Dashed ? " stroke-dasharray=\"4 3\" opacity=\".75\"" : "")}/>");
            if (!curve.Dashed)
                svg.Append(Markup.Invariant($"<circle cx=\"{X(points[^1].Step):0.#}\" cy=\"{Y(Math.Clamp(points[^1].Value, low, high)):0.#}\" r=\"3\" fill=\"{curve.Colour}\"/>"));
        }

        svg.Append("</svg>");
        return $"<div style=\"width:{Width}px;max-width:100%\">{svg}<div style=\"padding-left:{Left}px;font-size:.88em\">{string.Join(" ", _curves.OrderBy(c => c.Dashed).Select(Legend))}</div></div>";
    }

    private string Legend(Curve curve)
    {
        var last = curve.Points.Count == 0 ? "" : Share ? Markup.Percent(curve.Points.Values.Last()) : curve.Points.Values.Last().ToString("0.###", CultureInfo.InvariantCulture);
        return $"<span style=\"white-space:nowrap;margin-right:1em\"><svg width=\"18\" height=\"8\"><line x1=\"0\" x2=\"18\" y1=\"4\" y2=\"4\" stroke=\"{curve.Colour}\" stroke-width=\"2\"{(curve.Dashed ? " stroke-dasharray=\"4 3\"" : "")}/></svg> {Markup.Encode(curve.Name)} <span class=\"number soft\">{last}</span></span>";
    }

    private static (double Low, double High, double[] Ticks) Scale(IReadOnlyCollection<Curve> curves)
    {
        var values = curves.SelectMany(c => c.Points.Values).DefaultIfEmpty(0).ToArray();
        double low = Math.Min(0, values.Min()), high = Math.Max(values.Max(), low + 1e-6);
        var rough = (high - low) / 4;
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = new[] { 1, 2, 2.5, 5, 10 }.Select(m => m * power).First(s => s >= rough * 0.999);
        low = Math.Floor(low / step) * step;
        var count = (int)Math.Ceiling((high - low) / step - 1e-9);
        return (low, low + count * step, [.. Enumerable.Range(0, count + 1).Select(i => low + i * step)]);
    }

    private static (double Step, double Value)[] Thin(SortedList<long, double> points)
    {
        var size = (points.Count + MostPoints - 1) / MostPoints;
        return [.. points.Chunk(Math.Max(1, size)).Select(chunk => (chunk.Average(p => (double)p.Key), chunk.Average(p => p.Value)))];
    }

    private sealed record Curve(string Name, int Place, bool Dashed)
    {
        public string Colour => Markup.Series[Place % Markup.Series.Length];

        public SortedList<long, double> Points { get; } = [];
    }
}
