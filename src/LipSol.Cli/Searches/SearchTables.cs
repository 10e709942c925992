using System.Globalization;
using LipSol.Cli.Terminals;
using LipSol.Client;
using Spectre.Console;

namespace LipSol.Cli.Searches;

/// <summary>Searches as people read them.</summary>
internal static class SearchTables
{
    private const int BarWidth = 30;

    public static string Headline(ParameterSearch search) =>
        $"{search.Name}: {Word(search.Status)}{(search.Reason is { } reason ? $": {reason}" : "")}; {search.TrialCount} of {search.Target} trials{(search.BestObjective is { } best ? $", best {search.Metric} {Number(best)} (trial {search.Best})" : "")}";

    public static void Print(Terminal terminal, ParameterSearch search, SearchAnalysis analysis, int take = 20)
    {
        terminal.Line(Headline(search));
        terminal.Line($"{search.Method}, seed {search.Seed}, on {search.Corpus} (data {search.DataHash})");
        if (search.Trials.Count > 0) terminal.Table(Trials(search, take));
        if (search.Trials.Count > take) terminal.Line(FormattableString.Invariant($"{take} of {search.Trials.Count} trials; --take shows more."));
        if (analysis.Importance is { } importance) terminal.Table(Importance(importance));
        if (search.BestTrial() is { } best) terminal.Line($"best: {string.Join(" ", best.Parameters.Select(p => $"--set {p.Key}={p.Value}"))}  (run {best.RunId})");
    }

    public static Table Searches(IEnumerable<ParameterSearch> searches)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("search", "method", "corpus", "status", "trials", "best", "started");
        foreach (var s in searches)
            table.AddRow(s.Name.EscapeMarkup(), s.Method, s.Corpus.EscapeMarkup(), Word(s.Status), FormattableString.Invariant($"{s.TrialCount}/{s.Target}"),
                s.BestObjective is { } best ? $"{s.Metric} {Number(best)}".EscapeMarkup() : "", s.CreatedAt.ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture));
        return table;
    }

    /// <summary>The trials: those that run first, then the best.</summary>
    public static Table Trials(ParameterSearch search, int take)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns(["trial", search.Metric.EscapeMarkup(), "values", .. search.Parameters.Select(p => p.EscapeMarkup()), "status", "run"]);
        var ordered = search.Trials.OrderBy(t => t.Status == SearchTrialStatus.Running ? 0 : t.Objective is null ? 2 : 1).ThenBy(t => search.Maximise ? -t.Objective : t.Objective).ThenBy(t => t.Number);
        foreach (var trial in ordered.Take(take))
            table.AddRow([(trial.Number == search.Best ? $"[bold]{trial.Number} best[/]" : trial.Number.ToString(CultureInfo.InvariantCulture)), trial.Objective is { } value ? Number(value) : "", trial.Values.ToString(CultureInfo.InvariantCulture),
                .. search.Parameters.Select(p => trial.Parameters.GetValueOrDefault(p, "").EscapeMarkup()), State(trial).EscapeMarkup(), trial.RunId.EscapeMarkup()]);
        return table;
    }

    private static Table Importance(IReadOnlyList<ParameterShare> importance)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("parameter", "share of the variance", "");
        foreach (var share in importance)
            table.AddRow(share.Parameter.EscapeMarkup(), string.Create(CultureInfo.InvariantCulture, $"{100 * share.Share:0} %"), new string('█', (int)Math.Round(BarWidth * Math.Clamp(share.Share, 0, 1))));
        return table;
    }

    private static string State(SearchTrial trial) => trial.Status switch
    {
        SearchTrialStatus.Stopped => $"stopped{(trial.Rungs is [.., { WentOn: false } rung] ? FormattableString.Invariant($" at rung {rung.Values}") : "")}",
        SearchTrialStatus.Failed => $"failed: {Short(trial.Reason)}",
        var status => status.ToString().ToLowerInvariant(),
    };

    private static string Short(string? text) => text is { Length: > 60 } ? text[..59] + "…" : text ?? "";

    private static string Word(SearchStatus status) => status.ToString().ToLowerInvariant();

    public static string Number(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);
}
