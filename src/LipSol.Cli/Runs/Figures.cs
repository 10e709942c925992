using System.Globalization;
using LipSol.Client;
using Spectre.Console;

namespace LipSol.Cli.Runs;

/// <summary>Figures with their intervals, as people read them.</summary>
internal static class Figures
{
    /// <summary>The value in per cent with its interval and its count.</summary>
    public static string Text(Estimate figure) =>
        string.Create(CultureInfo.InvariantCulture, $"{100 * figure.Value:0.0} % [{100 * figure.Low:0.0}, {100 * figure.High:0.0}], n = {figure.Count}");

    /// <summary>The one figure for a list: WER of sentences, word accuracy of words; empty where there is neither.</summary>
    public static string Headline(IReadOnlyDictionary<string, Estimate> figures) =>
        figures.ContainsKey("sentence_accuracy") && figures.TryGetValue("wer", out var wer) ? "WER " + Text(wer)
        : figures.TryGetValue("word_accuracy", out var accuracy) ? "words right " + Text(accuracy) : "";

    /// <summary>Word accuracy, WER and CER by row: all, seen, unseen, then each decoder and each speaker.</summary>
    public static Table Table(IReadOnlyDictionary<string, Estimate> figures)
    {
        var scopes = figures.Keys.Select(ScopeOf).Distinct().OrderBy(s => s switch { "" => 0, "seen" => 1, "unseen" => 2, _ => 3 }).ThenBy(s => s, StringComparer.Ordinal);
        var metrics = figures.Keys.Select(k => k.Split('.')[0]).Distinct().OrderBy(m => m switch { "word_accuracy" => 0, "wer" => 1, "cer" => 2, _ => 3 }).ToArray();
        var table = new Table().Border(TableBorder.Simple).AddColumn("test clips");
        foreach (var metric in metrics) table.AddColumn(metric.Replace('_', ' ').EscapeMarkup());
        table.AddColumn("n");
        foreach (var scope in scopes)
        {
            var cells = metrics.Select(m => figures.TryGetValue(scope.Length == 0 ? m : $"{m}.{scope}", out var f)
                ? string.Create(CultureInfo.InvariantCulture, $"{100 * f.Value:0.0} % [{100 * f.Low:0.0}, {100 * f.High:0.0}]").EscapeMarkup() : "").ToArray();
            var count = figures.Where(f => ScopeOf(f.Key) == scope).Max(f => f.Value.Count).ToString(CultureInfo.InvariantCulture);
            table.AddRow([(scope.Length == 0 ? "all" : scope.Replace("speaker:", "speaker ", StringComparison.Ordinal).Replace("decoder:", "decoder ", StringComparison.Ordinal)).EscapeMarkup(), .. cells, count]);
        }
        return table;
    }

    private static string ScopeOf(string name) => name.IndexOf('.', StringComparison.Ordinal) is var at and >= 0 ? name[(at + 1)..] : "";
}
