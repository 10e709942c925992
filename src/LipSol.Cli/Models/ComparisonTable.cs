using System.Globalization;
using LipSol.Client;
using Spectre.Console;

namespace LipSol.Cli.Models;

/// <summary>Two versions' figures side by side, as people read them.</summary>
internal static class ComparisonTable
{
    /// <summary>A row a figure: all, seen, unseen, then each speaker.</summary>
    public static Table Of(IReadOnlyDictionary<string, ComparedFigure> figures, string ours, string theirs)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("test clips", "figure", ours.EscapeMarkup(), theirs.EscapeMarkup(), "difference, in points", "better with", "n");
        foreach (var (name, figure) in figures.OrderBy(f => Place(f.Key)).ThenBy(f => Scope(f.Key), StringComparer.Ordinal))
        {
            var scope = Scope(name);
            table.AddRow([(scope.Length == 0 ? "all" : scope.Replace("speaker:", "speaker ", StringComparison.Ordinal)).EscapeMarkup(), name.Split('.')[0].Replace('_', ' '),
                Interval(figure.Candidate, " %"), Interval(figure.Against, " %"), Difference(figure.Difference), string.Create(CultureInfo.InvariantCulture, $"{100 * figure.ProbabilityBetter:0.0} %"),
                string.Create(CultureInfo.InvariantCulture, $"{figure.Candidate.Count} in {figure.Clips} clips")]);
        }
        return table;
    }

    private static string Interval(Estimate f, string unit) =>
        string.Create(CultureInfo.InvariantCulture, $"{100 * f.Value:0.0}{unit} [{100 * f.Low:0.0}, {100 * f.High:0.0}]").EscapeMarkup();

    private static string Difference(Estimate f) =>
        string.Create(CultureInfo.InvariantCulture, $"{100 * f.Value:+0.0;−0.0;0.0} [{100 * f.Low:+0.0;−0.0;0.0}, {100 * f.High:+0.0;−0.0;0.0}]").EscapeMarkup();

    private static string Scope(string name) => name.IndexOf('.', StringComparison.Ordinal) is var at and >= 0 ? name[(at + 1)..] : "";

    private static int Place(string name) => Scope(name) switch { "" => 0, "seen" => 1, "unseen" => 2, _ => 3 };
}
