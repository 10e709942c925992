using System.Text;
using LipSol.Client;

namespace LipSol.Notebooks;

/// <summary>A search as it stands: each trial's objective, the best so far, and the best trials in a table. Shown again with each answer of <see cref="SearchesClient.FollowAsync"/> it's a picture that grows.</summary>
internal static class SearchHtml
{
    private const int Rows = 8;

    public static string Of(ParameterSearch search)
    {
        var html = new StringBuilder($"<div><b>{Markup.Encode(search.Name)}</b> {Badge(search.Status)} <span class=\"soft\">{Markup.Invariant($"{search.TrialCount} of {search.Target} trials")}, {Markup.Encode(search.Method)} on {Markup.Encode(search.Corpus)} {Markup.Short(search.DataHash)}</span></div>");
        if (search.Reason is { } reason) html.Append($"<div class=\"soft\">{Markup.Encode(reason)}</div>");
        return html.Append(Chart(search)).Append(Table(search)).ToString();
    }

    private static string Chart(ParameterSearch search)
    {
        var trials = search.Trials.Where(t => t.Objective is { } value && double.IsFinite(value)).ToArray();
        var label = $"{search.Metric} of each trial; the line is the best so far";
        var axes = new Axes(640, 240, left: 56, right: 12, top: 28, bottom: 34, margin: 10);
        if (trials.Length == 0) return "<div class=\"soft\">No trial has a value yet.</div>";
        var values = trials.Select(t => t.Objective!.Value).ToArray();
        // Trials that went wrong entirely would press all others into one line: the scale shows the better half, and some of the rest.
        var ordered = (search.Maximise ? values.OrderDescending() : values.Order()).ToArray();
        double best = ordered[0], median = ordered[ordered.Length / 2], far = best + (median - best) * 4;
        double low = Math.Min(best, search.Maximise ? Math.Max(far, ordered[^1]) : best), high = Math.Max(best, search.Maximise ? best : Math.Min(far, ordered[^1]));
        var room = high > low ? (high - low) * 0.06 : Math.Max(1e-6, Math.Abs(high) * 0.01);
        axes.Show(-1, Math.Max(search.Target, 2), low - room, high + room);
        var svg = new StringBuilder(Markup.Invariant($"<text x=\"{axes.Left}\" y=\"16\" style=\"font-weight:600;font-size:12px\">{Markup.Encode(label)}</text>"));
        foreach (var tick in axes.TicksY())
            svg.Append(Markup.Invariant($"<line x1=\"{axes.Left}\" x2=\"{axes.Right}\" y1=\"{axes.Y(tick):0.#}\" y2=\"{axes.Y(tick):0.#}\" stroke=\"currentColor\" opacity=\".13\"/><text x=\"{axes.Left - 6}\" y=\"{axes.Y(tick) + 4:0.#}\" text-anchor=\"end\" opacity=\".7\">{tick:0.####}</text>"));
        svg.Append(Markup.Invariant($"<text x=\"{(axes.Left + axes.Right) / 2}\" y=\"{axes.Height - 6}\" text-anchor=\"middle\" opacity=\".7\">trial, 1 to {search.Target}; hollow: stopped early</text>"));
        var line = new List<string>();
        double? soFar = null;
        foreach (var trial in trials.Where(t => t.Status is SearchTrialStatus.Completed or SearchTrialStatus.Stopped))
        {
            var before = soFar;
            soFar = soFar is not { } b || (search.Maximise ? trial.Objective > b : trial.Objective < b) ? trial.Objective : soFar;
            if (before is { } y && before != soFar) line.Add(Markup.Invariant($"{axes.X(trial.Number):0.#},{axes.Y(y):0.#}"));
            line.Add(Markup.Invariant($"{axes.X(trial.Number):0.#},{axes.Y(soFar!.Value):0.#}"));
        }
        svg.Append($"<polyline points=\"{string.Join(' ', line)}\" fill=\"none\" stroke=\"{Markup.Series[0]}\" stroke-width=\"2\" opacity=\".7\"/>");
        foreach (var trial in trials) svg.Append(Dot(axes, search, trial));
        return axes.Svg(label, svg.ToString(), standalone: false);
    }

    private static string Dot(Axes axes, ParameterSearch search, SearchTrial trial)
    {
        var title = Markup.Encode($"trial {trial.Number} ({trial.Status.ToString().ToLowerInvariant()}): {search.Metric} {Number(trial.Objective)}, {string.Join(", ", trial.Parameters.Select(p => $"{p.Key} {p.Value}"))}");
        var (fill, stroke) = trial.Status switch { SearchTrialStatus.Completed => (Markup.Series[1], Markup.Series[1]), SearchTrialStatus.Running => ("none", Markup.Series[4]), SearchTrialStatus.Failed => ("none", Markup.Series[3]), _ => ("none", Markup.Series[1]) };
        return Markup.Invariant($"<circle cx=\"{axes.X(trial.Number):0.#}\" cy=\"{axes.Y(trial.Objective!.Value):0.#}\" r=\"{(trial.Number == search.Best ? 6 : 3.5)}\" fill=\"{fill}\" stroke=\"{stroke}\" stroke-width=\"1.5\"{(trial.Status == SearchTrialStatus.Running ? " stroke-dasharray=\"2 2\"" : "")}><title>{title}</title></circle>");
    }

    private static string Table(ParameterSearch search)
    {
        var html = new StringBuilder($"<table><tr><th>trial</th><th>{Markup.Encode(search.Metric)}</th>{string.Concat(search.Parameters.Select(p => $"<th>{Markup.Encode(p)}</th>"))}<th></th><th>run</th></tr>");
        var running = search.Trials.Where(t => t.Status == SearchTrialStatus.Running);
        var ended = search.Trials.Where(t => t.Status != SearchTrialStatus.Running && t.Objective is not null).OrderBy(t => search.Maximise ? -t.Objective : t.Objective).ThenBy(t => t.Number);
        var failed = search.Trials.Where(t => t.Status == SearchTrialStatus.Failed && t.Objective is null).Reverse().Take(2);
        foreach (var trial in running.Concat(ended.Take(Rows)).Concat(failed))
            html.Append(Markup.Invariant($"<tr><td class=\"number\">{(trial.Number == search.Best ? "★ " : "")}{trial.Number}</td><td class=\"number\">{Number(trial.Objective)}</td>"))
                .Append(string.Concat(search.Parameters.Select(p => $"<td class=\"number\">{Markup.Encode(trial.Parameters.GetValueOrDefault(p, "–"))}</td>")))
                .Append($"<td class=\"soft\">{Markup.Encode(State(trial))}</td><td>{Markup.Short(trial.RunId)}</td></tr>");
        return html.Append("</table>").ToString();
    }

    private static string State(SearchTrial trial) => trial.Status switch
    {
        SearchTrialStatus.Completed => FormattableString.Invariant($"{trial.Values} values"),
        SearchTrialStatus.Stopped when trial.Rungs is [.., { WentOn: false } rung] => FormattableString.Invariant($"stopped at rung {rung.Values}"),
        SearchTrialStatus.Failed or SearchTrialStatus.Stopped => $"{trial.Status.ToString().ToLowerInvariant()}: {trial.Reason}",
        _ => FormattableString.Invariant($"running, {trial.Values} values"),
    };

    private static string Badge(SearchStatus status) =>
        $"<span class=\"badge {status switch { SearchStatus.Completed => "good", SearchStatus.Failed => "bad", SearchStatus.Stopped or SearchStatus.Paused => "warn", _ => "" }}\">{status.ToString().ToLowerInvariant()}</span>";

    private static string Number(double? value) => value is { } v ? Markup.Invariant($"{v:0.####}") : "";
}
