using System.Text;
using LipSol.Client;

namespace LipSol.Notebooks;

/// <summary>A figure of each group of a study on a line of its own: the mean with its 95 % interval, the single runs as dots; below, what it comes to over all speakers.</summary>
public sealed class SpreadChart
{
    private const double Row = 26;

    private readonly RunSummaries summaries;
    private readonly string title;

    /// <summary>The chart of a study.</summary>
    /// <exception cref="ArgumentException">None of its runs has this figure.</exception>
    public SpreadChart(Study study, string metric = "word_accuracy")
    {
        ArgumentNullException.ThrowIfNull(study);
        summaries = study.Summaries ?? throw new ArgumentException("No run of the study has completed yet.", nameof(study));
        if (summaries.Groups.All(g => !g.Figures.ContainsKey(metric))) throw new ArgumentException($"No run of the study has the figure {metric}.", nameof(metric));
        Metric = metric;
        var what = study.Plan.Kind == StudyKind.LeaveOneSpeakerOut ? "speaker left out" : "several seeds";
        title = $"{MetricText.Of(metric)}, {what}: {study.Plan.Groups[0].Runs[0].Network} on {study.Plan.Groups[0].Runs[0].Corpus}";
    }

    /// <summary>The figure that is drawn.</summary>
    public string Metric { get; }

    /// <summary>The picture as a file of its own.</summary>
    public string ToSvg() => Draw(standalone: true);

    internal string ToHtml() => Draw(standalone: false);

    private string Draw(bool standalone)
    {
        var rows = summaries.Groups.Where(g => g.Figures.ContainsKey(Metric)).Select(g => (g.Label, Figure: g.Figures[Metric], Runs: g.Runs.Where(r => r.Figures.ContainsKey(Metric)).Select(r => r.Figures[Metric]).ToArray(), Colour: Markup.Series[0])).ToList();
        if (summaries.Across.TryGetValue(Metric, out var across)) rows.Add(("over speakers", across, [], Markup.Series[1]));
        var left = 40 + 6.5 * Math.Clamp(rows.Max(r => r.Label.Length), 4, 24);
        var axes = new Axes(560, 74 + Row * rows.Count, left, right: 150, top: 34, bottom: 34);
        axes.Show(0, Math.Max(1, rows.Max(r => r.Figure.High)), 0, 1);
        var svg = new StringBuilder();
        svg.Append(Markup.Invariant($"<text x=\"12\" y=\"18\" style=\"font-weight:600;font-size:12px\">{Markup.Encode(title)}</text>"));
        foreach (var tick in Axes.Ticks(0, Math.Max(1, rows.Max(r => r.Figure.High))))
            svg.Append(Markup.Invariant($"<line x1=\"{axes.X(tick):0.#}\" x2=\"{axes.X(tick):0.#}\" y1=\"30\" y2=\"{axes.Bottom}\" stroke=\"currentColor\" opacity=\".13\"/><text x=\"{axes.X(tick):0.#}\" y=\"{axes.Bottom + 16}\" text-anchor=\"middle\" opacity=\".7\">{Markup.Percent(tick, 0)}</text>"));
        for (var i = 0; i < rows.Count; i++)
        {
            var (label, figure, runs, colour) = rows[i];
            var y = 46 + i * Row;
            svg.Append(Markup.Invariant($"<text x=\"{left - 10}\" y=\"{y + 4}\" text-anchor=\"end\">{Markup.Encode(label)}</text>"));
            svg.Append(Markup.Invariant($"<line x1=\"{axes.X(figure.Low):0.#}\" x2=\"{axes.X(figure.High):0.#}\" y1=\"{y}\" y2=\"{y}\" stroke=\"{colour}\" stroke-width=\"6\" stroke-linecap=\"round\" opacity=\".4\"/>"));
            foreach (var run in runs) svg.Append(Markup.Invariant($"<circle cx=\"{axes.X(run):0.#}\" cy=\"{y + 8}\" r=\"2\" fill=\"{colour}\" opacity=\".7\"/>"));
            svg.Append(Markup.Invariant($"<circle cx=\"{axes.X(figure.Mean):0.#}\" cy=\"{y}\" r=\"4\" fill=\"{colour}\"/><text x=\"{axes.Right + 12}\" y=\"{y + 4}\">{Markup.Percent(figure.Mean)} [{100 * figure.Low:0.0}, {100 * figure.High:0.0}]</text>"));
        }
        svg.Append(Markup.Invariant($"<text x=\"{axes.Right}\" y=\"{axes.Height - 4}\" text-anchor=\"end\" opacity=\".7\">bars: 95 % interval of the mean; dots: runs</text>"));
        return axes.Svg(title, svg.ToString(), standalone);
    }
}
