using System.Globalization;
using LipSol.Client;
using Spectre.Console;

namespace LipSol.Cli.Studies;

/// <summary>Studies as people read them.</summary>
internal static class StudyTables
{
    private static readonly string[] Kinds = ["word_accuracy", "wer", "cer", "ger", "sentence_accuracy"];

    /// <summary>A row a figure: what several seeds gave.</summary>
    public static Table Seeds(RunSummaries summaries)
    {
        var group = summaries.Groups[0];
        var table = new Table().Border(TableBorder.Simple).AddColumns("test clips", "figure", "mean", "95 % interval", "spread over seeds");
        foreach (var run in group.Runs) table.AddColumn($"seed {run.Seed}");
        table.AddColumn("n");
        foreach (var (scope, kind, name) in Rows(group))
        {
            var f = group.Figures[name];
            table.AddRow([Scope(scope), kind.Replace('_', ' '), Percent(f.Mean), Interval(f), f.Spread is { } s ? $"± {Points(s)}" : "", .. group.Runs.Select(r => r.Figures.TryGetValue(name, out var v) ? Percent(v) : ""), N(f)]);
        }
        return table;
    }

    /// <summary>A row a speaker, and one over all of them.</summary>
    public static Table Speakers(RunSummaries summaries)
    {
        var kinds = Kinds.Where(summaries.Groups[0].Figures.ContainsKey).ToArray();
        var table = new Table().Border(TableBorder.Simple).AddColumns("speaker left out", "trained on");
        foreach (var kind in kinds) table.AddColumn(kind.Replace('_', ' '));
        table.AddColumn("n");
        foreach (var group in summaries.Groups)
            table.AddRow([group.Label.EscapeMarkup(), TrainedOn(group), .. kinds.Select(k => Cell(group.Figures[k])), N(group.Figures[kinds[0]])]);
        if (summaries.Across.Count > 0)
            table.AddRow(["over speakers", "", .. kinds.Select(k => $"{Cell(summaries.Across[k])}{(summaries.Across[k].Spread is { } s ? $" ± {Points(s)}" : "")}"), $"{summaries.Groups.Count} speakers"]);
        return table;
    }

    /// <summary>A row a size, for all test clips, for speakers seen and for those unseen.</summary>
    public static Table Curve(RunSummaries summaries)
    {
        var kinds = Kinds.Where(k => summaries.Groups.Any(g => g.Figures.ContainsKey(k))).ToArray();
        var table = new Table().Border(TableBorder.Simple).AddColumns("trained on", "test clips");
        foreach (var kind in kinds) table.AddColumn(kind.Replace('_', ' '));
        table.AddColumn("n");
        foreach (var group in summaries.Groups)
            foreach (var scope in new[] { "", "seen", "unseen" })
            {
                string Name(string kind) => scope.Length == 0 ? kind : $"{kind}.{scope}";
                if (!group.Figures.ContainsKey(Name(kinds[0]))) continue;
                var trained = scope.Length == 0 ? $"{TrainedOn(group)}, {group.Runs.Count} {(group.Runs.Count == 1 ? "run" : "runs")}" : "";
                table.AddRow([trained, Scope(scope), .. kinds.Select(k => group.Figures.TryGetValue(Name(k), out var f) ? $"{Cell(f)}{(f.Spread is { } s ? $" ± {Points(s)}" : "")}" : ""), N(group.Figures[Name(kinds[0])])]);
            }
        return table;
    }

    /// <summary>How many more it takes, in words.</summary>
    public static string Forecast(RunSummaries summaries, string metric, string unit)
    {
        if (!summaries.Curves.TryGetValue(metric, out var fit)) return $"A curve is fitted to three sizes or more (four, to tell where it ends) that have {metric}.";
        var (needed, present) = (fit.Needed, summaries.Groups[^1].Figures[metric].Mean);
        var asked = $"{metric.Replace('_', ' ')} {Percent(needed.Target)} ({Percent(present)} now)";
        if (needed.Size is not { } size) return $"{asked} isn't reached by recording more of the same: the fitted curve ends at an error of {Percent(fit.Asymptote)}, and {Percent(needed.Reaching)} of the curves that agree with the runs get there.";
        var interval = needed is { Low: { } low, High: { } high } ? $"95 % interval {low:0} to {high:0}" : needed.Low is { } least ? $"95 % interval {least:0} to more than can be told" : "how uncertain can't be told";
        return FormattableString.Invariant($"{asked} takes about {size:0} {unit}: {needed.More:0} more ({interval}{(fit.HasAsymptote ? "" : "; at best, since fewer than four sizes can't tell where the curve ends")}).");
    }

    private static IEnumerable<(string Scope, string Kind, string Name)> Rows(RunGroupSummary summary) =>
        from scope in new[] { "", "seen", "unseen" }
        from kind in Kinds
        let name = scope.Length == 0 ? kind : $"{kind}.{scope}"
        where summary.Figures.ContainsKey(name)
        select (scope, kind, name);

    private static string TrainedOn(RunGroupSummary group) => $"{group.TrainClips} clips of {group.TrainSpeakers} {(group.TrainSpeakers == 1 ? "speaker" : "speakers")}";

    private static string Scope(string scope) => scope.Length == 0 ? "all" : scope;

    private static string Cell(SpreadEstimate f) => $"{Percent(f.Mean)} {Interval(f)}";

    private static string N(SpreadEstimate f) => string.Create(CultureInfo.InvariantCulture, $"{f.Count} in {f.Clips} clips");

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.0} %");

    private static string Points(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.0}");

    private static string Interval(SpreadEstimate f) => string.Create(CultureInfo.InvariantCulture, $"[{100 * f.Low:0.0}, {100 * f.High:0.0}]").EscapeMarkup();
}
