using System.Text;
using LipSol.Client;

namespace LipSol.Notebooks;

/// <summary>
/// Runs side by side: the parameters in which they differ, the best value on <c>val</c> by which one is chosen, and the figures on <c>test</c> with their 95 % intervals.
/// </summary>
public sealed class RunComparison(IReadOnlyList<Run> runs)
{
    private static readonly (string Figure, string Title)[] Columns =
        [("word_accuracy", "test: all speakers"), ("word_accuracy.seen", "seen speakers"), ("word_accuracy.unseen", "unseen speakers")];

    /// <summary>The runs compared.</summary>
    public IReadOnlyList<Run> Runs { get; } = runs;

    /// <summary>The run that is best on <c>val</c> (the smaller loss decides a tie); null where none is completed.</summary>
    public Run? BestOnVal => Runs.Where(r => r.Status == RunStatus.Completed)
        .OrderByDescending(r => r.Metrics.TryGetValue("val_accuracy", out var a) ? a.Maximum : double.NegativeInfinity)
        .ThenBy(r => r.Metrics.TryGetValue("val_loss", out var l) ? l.Minimum : double.PositiveInfinity)
        .FirstOrDefault();

    internal string ToHtml()
    {
        var differing = Runs.SelectMany(r => r.Parameters.Keys).Distinct()
            .Where(p => Runs.Select(r => r.Parameters.GetValueOrDefault(p)).Distinct().Count() > 1)
            .Order(StringComparer.Ordinal)
            .ToArray();
        var best = BestOnVal;
        var html = new StringBuilder("<table><tr><th>run</th>");
        foreach (var parameter in differing)
            html.Append($"<th>{Markup.Encode(parameter)}</th>");
        html.Append("<th>best on val</th>");
        foreach (var (_, title) in Columns)
            html.Append($"<th>{title}</th>");
        html.Append("<th>took</th></tr>");
        for (var i = 0; i < Runs.Count; i++)
        {
            var run = Runs[i];
            var colour = Markup.Series[i % Markup.Series.Length];
            html.Append($"<tr><td><span style=\"color:{colour}\">●</span> {Markup.Encode(run.Name)} {(ReferenceEquals(run, best) && Runs.Count > 1 ? "<span class=\"badge good\">chosen</span>" : "")}{(run.Status == RunStatus.Completed ? "" : RunHtml.Badge(run.Status))}</td>");
            foreach (var parameter in differing)
                html.Append($"<td class=\"number\">{Markup.Encode(run.Parameters.GetValueOrDefault(parameter) ?? "–")}</td>");
            html.Append($"<td class=\"number\">{(run.Metrics.TryGetValue("val_accuracy", out var val) ? Markup.Percent(val.Maximum) : "–")}</td>");
            foreach (var (figure, _) in Columns)
                html.Append($"<td>{Markup.Interval(run.Figures.GetValueOrDefault(figure), colour)}</td>");
            html.Append($"<td class=\"number\">{(run.StartedAt is { } start && run.EndedAt is { } end ? Markup.Duration(end - start) : "–")}</td></tr>");
        }

        return html.Append("</table>").ToString();
    }
}
