using System.Globalization;
using LipSol.Cli.Terminals;
using LipSol.WorkerProtocol;

namespace LipSol.Cli.Demo;

/// <summary>Says what the demo came to, for people.</summary>
internal static class DemoReport
{
    public static void Print(Terminal terminal, CorpusResult corpus, NotebookResults results, IReadOnlyDictionary<string, double> seconds, string outFolder)
    {
        var best = results.Runs.FirstOrDefault(r => r.Id == results.Promoted?.Run) ?? results.Runs.First(r => r.Id == results.Chosen);
        terminal.Line();
        terminal.Line($"words read right (drawn speakers; takes from a seed that training never saw), run {best.Id}:");
        terminal.Line($"  seen speakers    {Text(best.Seen, results.Accuracy.Seen)}");
        terminal.Line($"  unseen speakers  {Text(best.Unseen, results.Accuracy.Unseen)}");
        if (results.Controls.Count > 0)
        {
            terminal.Line(string.Create(CultureInfo.InvariantCulture, $"controls, which should be near chance ({100 * results.Chance:0.0} %):"));
            foreach (var control in results.Controls) terminal.Line($"  {control.Name.Replace("control: ", "", StringComparison.Ordinal),-15}  {Text(control.WordAccuracy, null)}");
        }
        foreach (var group in results.Homophenes) terminal.Line("look the same on the lips, no reader can tell them apart: " + string.Join("  ", group));
        terminal.Line($"the gate {(results.Gate.Promoted ? "promoted" : "refused")}: {results.Gate.Reason}");
        terminal.Line(results.Promoted is { } p ? $"in production: {p.Model} version {p.Version}, run {p.Run}" : "in production: nothing yet");
        terminal.Line(string.Create(CultureInfo.InvariantCulture, $"torch against ONNX Runtime: logits differ by at most {results.OnnxMaxAbsDiff:0.0e+0}"));
        if (corpus.Measurements.TryGetValue("lip_corners_within_3_percent", out var close))
            terminal.Line(string.Create(CultureInfo.InvariantCulture, $"lip corners within 3 % of the face's width of where they were drawn: {100 * close:0.00} % (mean error {100 * corpus.Measurements["lip_corner_error_mean"]:0.0} %)"));
        terminal.Line("clips it had never seen:");
        foreach (var s in results.Samples)
            terminal.Line(string.Create(CultureInfo.InvariantCulture, $"  {(s.Text == s.Expected ? "right" : "WRONG")}  {s.Speaker} ({(s.Seen ? "seen" : "unseen")}): said {s.Expected}, read {s.Text} ({100 * s.Confidence:0} %)"));
        terminal.Line("seconds: " + string.Join(", ", seconds.Select(x => string.Create(CultureInfo.InvariantCulture, $"{x.Key} {x.Value:0.#}"))));
        terminal.Line();
        terminal.Line($"the executed notebook:  {Path.Combine(outFolder, "01-first-experiment.ipynb")}");
        terminal.Line($"as a page:              {Path.Combine(outFolder, "01-first-experiment.html")}");
        terminal.Line($"the figures:            {Path.Combine(outFolder, "summary.json")}");
        terminal.Line("the run history:        ./lipsol runs list   (or ./lipsol up, and open its page)");
    }

    private static string Text(FigureWithInterval? figure, double? value) =>
        figure is not null ? string.Create(CultureInfo.InvariantCulture, $"{100 * figure.Value:0.0} % [{100 * figure.Low:0.0}, {100 * figure.High:0.0}], n = {figure.Count}")
        : value is { } v ? string.Create(CultureInfo.InvariantCulture, $"{100 * v:0.0} %") : "not measured";
}
