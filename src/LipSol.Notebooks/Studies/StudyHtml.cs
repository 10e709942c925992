using System.Text;
using LipSol.Client;

namespace LipSol.Notebooks;

/// <summary>A study: its picture, and a row a group.</summary>
internal static class StudyHtml
{
    private static readonly string[] Shown = ["word_accuracy", "word_accuracy.seen", "word_accuracy.unseen", "wer", "cer"];

    public static string Of(Study study)
    {
        if (study.Summaries is not { } summaries) return "<div class=\"soft\">No run has completed yet.</div>";
        var metric = summaries.Groups[0].Figures.ContainsKey("sentence_accuracy") ? "wer" : "word_accuracy";
        var html = new StringBuilder(study.Plan.Kind is StudyKind.OverClips or StudyKind.OverSpeakers ? new LearningCurveChart(study, metric).ToHtml() : new SpreadChart(study, metric).ToHtml());
        var columns = Shown.Where(m => summaries.Groups.Any(g => g.Figures.ContainsKey(m))).ToArray();
        html.Append("<table><tr><th></th><th>trained on</th><th>runs</th>").Append(string.Concat(columns.Select(c => $"<th>{Markup.Encode(MetricText.Of(c))}</th>"))).Append("<th>n</th></tr>");
        foreach (var group in summaries.Groups)
            html.Append(Row(group.Label, $"{group.TrainClips} clips, {group.TrainSpeakers} speakers", group.Runs.Count, columns, group.Figures));
        if (summaries.Across.Count > 0) html.Append(Row("over speakers", "", summaries.Groups.Sum(g => g.Runs.Count), columns, summaries.Across));
        html.Append("</table>");
        if (summaries.Curves.TryGetValue(metric, out var fit)) html.Append(Forecast(fit, metric, study.Plan.Kind == StudyKind.OverSpeakers ? "speakers" : "clips"));
        return html.Append(study.Unfinished.Any() ? $"<div class=\"soft\">{study.Unfinished.Count()} runs ended without completing.</div>" : "").ToString();
    }

    private static string Forecast(CurveFit fit, string metric, string unit)
    {
        var target = $"{Markup.Encode(MetricText.Of(metric))} {Markup.Percent(fit.Needed.Target)}";
        return fit.Needed.Size is not { } size
            ? $"<div>{target} isn't reached by more of the same: the fitted curve ends at an error of {Markup.Percent(fit.Asymptote)}.</div>"
            : Markup.Invariant($"<div>{target} takes about <b>{size:0} {unit}</b>, {fit.Needed.More:0} more (95 % interval {(fit.Needed.Low is { } low ? $"{low:0}" : "beyond telling")} to {(fit.Needed.High is { } high ? $"{high:0}" : "beyond telling")}).</div>");
    }

    private static string Row(string label, string trained, int runs, string[] columns, IReadOnlyDictionary<string, SpreadEstimate> figures) =>
        $"<tr><td>{Markup.Encode(label)}</td><td class=\"soft\">{trained}</td><td class=\"number\">{runs}</td>"
        + string.Concat(columns.Select(c => $"<td>{(figures.TryGetValue(c, out var f) ? Cell(f) : "")}</td>")) + $"<td class=\"number\">{figures.Values.Max(f => f.Count)}</td></tr>";

    private static string Cell(SpreadEstimate f) =>
        Markup.Interval(new Estimate(f.Mean, f.Low, f.High, f.Count)) + (f.Spread is { } spread ? Markup.Invariant($" <span class=\"soft number\">± {100 * spread:0.0}</span>") : "");
}
