using System.Text;
using LipSol.Client;

namespace LipSol.Notebooks;

/// <summary>A figure over the number of training clips or speakers: the mean of each size with its 95 % interval, the single runs as dots.</summary>
public sealed class LearningCurveChart
{
    private readonly Axes axes = new(560, 320, left: 52, right: 12, top: 40, bottom: 44, margin: 14);
    private readonly RunSummaries summaries;
    private readonly string title;
    private readonly string unit;
    private readonly bool overSpeakers;

    /// <summary>The curve of a study.</summary>
    /// <exception cref="ArgumentException">The study is no curve, or none of its runs has this figure.</exception>
    public LearningCurveChart(Study study, string metric = "word_accuracy")
    {
        ArgumentNullException.ThrowIfNull(study);
        overSpeakers = study.Plan.Kind == StudyKind.OverSpeakers;
        if (!overSpeakers && study.Plan.Kind != StudyKind.OverClips) throw new ArgumentException($"A study of the kind {study.Plan.Kind} is no curve.", nameof(study));
        summaries = study.Summaries ?? throw new ArgumentException("No run of the study has completed yet.", nameof(study));
        if (summaries.Groups.All(g => !g.Figures.ContainsKey(metric))) throw new ArgumentException($"No run of the study has the figure {metric}.", nameof(metric));
        Metric = metric;
        unit = overSpeakers ? "training speakers" : "training clips";
        title = $"{MetricText.Of(metric)} over {unit}: {study.Plan.Groups[0].Runs[0].Network} on {study.Plan.Groups[0].Runs[0].Corpus}";
    }

    /// <summary>The figure that is drawn.</summary>
    public string Metric { get; }

    /// <summary>The picture as a file of its own.</summary>
    public string ToSvg() => Draw(standalone: true);

    internal string ToHtml() => Draw(standalone: false);

    private string Draw(bool standalone)
    {
        var points = summaries.Groups.Where(g => g.Figures.ContainsKey(Metric)).Select(g => (Size: (double)(overSpeakers ? g.TrainSpeakers : g.TrainClips), Figure: g.Figures[Metric], g.Runs)).OrderBy(p => p.Size).ToArray();
        var fit = summaries.Curves.GetValueOrDefault(Metric);
        // As far beyond the runs as they reach themselves, no further: what lies beyond is a forecast.
        var expected = fit?.Expected.Where(e => e.Size <= 2.2 * points[^1].Size).ToArray() ?? [];
        var values = points.SelectMany(p => p.Runs.Select(r => r.Figures.GetValueOrDefault(Metric, p.Figure.Mean)).Append(p.Figure.Low).Append(p.Figure.High)).ToArray();
        var ticks = Axes.Ticks(Math.Max(0, values.Min() - 0.02), Math.Min(Math.Max(1, values.Max()), values.Max() + 0.02));
        var step = ticks.Length > 1 ? ticks[1] - ticks[0] : 0.1;
        axes.Show(points[0].Size, Math.Max(points[^1].Size, expected.Select(e => e.Size).DefaultIfEmpty(0).Max()), Math.Max(0, Math.Min(ticks[0] - step, values.Min())), Math.Min(Math.Max(1, values.Max()), Math.Max(ticks[^1] + step / 4, values.Max())));
        var svg = new StringBuilder();
        svg.Append(Markup.Invariant($"<text x=\"{axes.Left}\" y=\"18\" style=\"font-weight:600;font-size:12px\">{Markup.Encode(title)}</text>"));
        foreach (var tick in axes.TicksY())
            svg.Append(Markup.Invariant($"<line x1=\"{axes.Left}\" x2=\"{axes.Right}\" y1=\"{axes.Y(tick):0.#}\" y2=\"{axes.Y(tick):0.#}\" stroke=\"currentColor\" opacity=\".13\"/><text x=\"{axes.Left - 6}\" y=\"{axes.Y(tick) + 4:0.#}\" text-anchor=\"end\" opacity=\".7\">{Markup.Percent(tick, 0)}</text>"));
        foreach (var point in points)
            svg.Append(Markup.Invariant($"<text x=\"{axes.X(point.Size):0.#}\" y=\"{axes.Bottom + 16}\" text-anchor=\"middle\" opacity=\".7\">{point.Size:0}</text>"));
        svg.Append(Markup.Invariant($"<text x=\"{(axes.Left + axes.Right) / 2}\" y=\"{axes.Height - 8}\" text-anchor=\"middle\" opacity=\".7\">{unit}; bars: 95 % interval of the mean; dots: runs{(expected.Length > 1 ? "; dashed: fitted power law with its 95 % interval" : "")}</text>"));
        var colour = Markup.Series[0];
        if (expected.Length > 1)
        {
            string Line(Func<ExpectedValue, double> value, IEnumerable<ExpectedValue> along) => string.Join(' ', along.Select(e => Markup.Invariant($"{axes.X(e.Size):0.#},{axes.Y(value(e)):0.#}")));
            svg.Append($"<polygon points=\"{Line(e => e.High, expected)} {Line(e => e.Low, expected.Reverse())}\" fill=\"{Markup.Series[1]}\" opacity=\".13\"/>");
            svg.Append($"<polyline points=\"{Line(e => e.Value, expected)}\" fill=\"none\" stroke=\"{Markup.Series[1]}\" stroke-width=\"1.5\" stroke-dasharray=\"5 3\"/>");
        }
        svg.Append($"<polyline points=\"{string.Join(' ', points.Select(p => Markup.Invariant($"{axes.X(p.Size):0.#},{axes.Y(p.Figure.Mean):0.#}")))}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>");
        foreach (var (size, figure, runs) in points)
        {
            var x = axes.X(size);
            svg.Append(Markup.Invariant($"<line x1=\"{x:0.#}\" x2=\"{x:0.#}\" y1=\"{axes.Y(figure.Low):0.#}\" y2=\"{axes.Y(figure.High):0.#}\" stroke=\"{colour}\" stroke-width=\"5\" stroke-linecap=\"round\" opacity=\".4\"/>"));
            foreach (var run in runs.Where(r => r.Figures.ContainsKey(Metric)))
                svg.Append(Markup.Invariant($"<circle cx=\"{x + 7:0.#}\" cy=\"{axes.Y(run.Figures[Metric]):0.#}\" r=\"2\" fill=\"{colour}\" opacity=\".7\"/>"));
            svg.Append(Markup.Invariant($"<circle cx=\"{x:0.#}\" cy=\"{axes.Y(figure.Mean):0.#}\" r=\"4\" fill=\"{colour}\"><title>{size:0} {unit}: {Markup.Percent(figure.Mean)}, 95 % interval {Markup.Percent(figure.Low)} to {Markup.Percent(figure.High)}, {figure.Runs} runs, n = {figure.Count}</title></circle>"));
        }
        return axes.Svg(title, svg.ToString(), standalone);
    }
}
