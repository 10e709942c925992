using System.Globalization;
using LipSol.Client;
using Spectre.Console;

namespace LipSol.Cli.Studies;

/// <summary>Studies as people read them.</summary>
internal static class StudyTables
{
    private static readonly string[] Kinds = ["word_accuracy", "wer", "cer", "sentence_accuracy"];

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

    /// <summary>A row a size.</summary>
    public static Table Curve(RunSummaries summaries)
    {
        var columns = summaries.Groups.SelectMany(g => g.Figures.Keys).Where(k => Kinds.Take(3).Contains(k.Split('.')[0]) && !k.Contains("speaker:", StringComparison.Ordinal)).Distinct()
            .OrderBy(k => Array.IndexOf(Kinds, k.Split('.')[0])).ToArray();
        var table = new Table().Border(TableBorder.Simple).AddColumns("trained on", "runs");
        foreach (var column in columns) table.AddColumn(column.Replace('_', ' '));
        table.AddColumn("n");
        foreach (var group in summaries.Groups)
            table.AddRow([TrainedOn(group), group.Runs.Count.ToString(CultureInfo.InvariantCulture), .. columns.Select(c => group.Figures.TryGetValue(c, out var f) ? $"{Cell(f)}{(f.Spread is { } s ? $" ± {Points(s)}" : "")}" : ""), N(group.Figures[columns[0]])]);
        return table;
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
