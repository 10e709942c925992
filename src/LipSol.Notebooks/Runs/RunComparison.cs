using System.Text;
using LipSol.Client;

namespace LipSol.Notebooks;

/// <summary>
/// Runs side by side: the parameters in which they differ, the best value on <c>val</c> by which one is chosen, and the figures on <c>test</c> with their 95 % intervals.
/// </summary>
public sealed class RunComparison(IReadOnlyList<Run> runs)
{
    private static readonly (string Scope, string Title)[] Scopes = [("", "all speakers"), (".seen", "seen speakers"), (".unseen", "unseen speakers")];

    /// <summary>The runs compared.</summary>
    public IReadOnlyList<Run> Runs { get; } = runs;

    // Sentences have letter and word error rates, words have accuracy.
    private bool OfSentences => Runs.Any(r => r.Metrics.ContainsKey("val_cer"));

    /// <summary>The run that is best on <c>val</c>: by word accuracy, or by the letter error rate where sentences are read (the smaller loss decides a tie); null where none is completed.</summary>
    public Run? BestOnVal => Runs.Where(r => r.Status == RunStatus.Completed)
        .OrderByDescending(r => ValAccuracy(r) ?? double.NegativeInfinity)
        .ThenBy(r => r.Metrics.TryGetValue("val_loss", out var l) ? l.Minimum : double.PositiveInfinity)
        .FirstOrDefault();

    internal string ToHtml()
    {
        var differing = Runs.SelectMany(r => r.Parameters.Keys).Distinct()
            .Where(p => Runs.Select(r => r.Parameters.GetValueOrDefault(p)).Distinct().Count() > 1)
            .Order(StringComparer.Ordinal)
            .ToArray();
        var best = BestOnVal;
        var started = Runs.Any(r => r.InitFrom is not null);
        var html = new StringBuilder("<table><tr><th>run</th>");
        if (started) html.Append("<th>starts from</th>");
        foreach (var parameter in differing)
            html.Append($"<th>{Markup.Encode(parameter)}</th>");
        var (sentences, figure) = (OfSentences, OfSentences ? "wer" : "word_accuracy");
        html.Append($"<th>{(sentences ? "lowest CER on val" : "best on val")}</th>");
        foreach (var (scope, title) in Scopes)
            html.Append($"<th>{(scope.Length == 0 ? sentences ? "test, WER: " : "test: " : "")}{title}</th>");
        html.Append("<th>took</th></tr>");
        for (var i = 0; i < Runs.Count; i++)
        {
            var run = Runs[i];
            var colour = Markup.Series[i % Markup.Series.Length];
            html.Append($"<tr><td><span style=\"color:{colour}\">●</span> {Markup.Encode(run.Name)} {(ReferenceEquals(run, best) && Runs.Count > 1 ? "<span class=\"badge good\">chosen</span>" : "")}{(run.Status == RunStatus.Completed ? "" : RunHtml.Badge(run.Status))}</td>");
            if (started) html.Append($"<td>{Markup.Encode(run.InitFrom?.Id ?? "random weights")}</td>");
            foreach (var parameter in differing)
                html.Append($"<td class=\"number\">{Markup.Encode(run.Parameters.GetValueOrDefault(parameter) ?? "–")}</td>");
            html.Append($"<td class=\"number\">{(ValAccuracy(run) is { } val ? Markup.Percent(sentences ? 1 - val : val) : "–")}</td>");
            foreach (var (scope, _) in Scopes)
                html.Append($"<td>{Markup.Interval(run.Figures.GetValueOrDefault(figure + scope), colour)}</td>");
            html.Append($"<td class=\"number\">{(run.StartedAt is { } start && run.EndedAt is { } end ? Markup.Duration(end - start) : "–")}</td></tr>");
        }

        return html.Append("</table>").ToString();
    }

    private double? ValAccuracy(Run run) => OfSentences
        ? run.Metrics.TryGetValue("val_cer", out var letters) ? 1 - letters.Minimum : null
        : run.Metrics.TryGetValue("val_accuracy", out var words) ? words.Maximum : null;
}
