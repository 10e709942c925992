using System.Globalization;
using LipSol.Cli.Terminals;
using LipSol.Client;
using Spectre.Console;

namespace LipSol.Cli.Models;

/// <summary>What two versions did with the requests, as people read it.</summary>
internal static class TrafficTable
{
    private const int DisagreementsShown = 10;

    public static void Write(Terminal terminal, ModelTraffic traffic)
    {
        var figures = traffic.Figures;
        terminal.Line(string.Create(CultureInfo.InvariantCulture, $"{traffic.Model}, since {figures.Since.ToLocalTime():yyyy-MM-dd HH:mm}{(traffic.Trial is { } trial ? ": " + InWords(trial) : "")}"));
        var table = new Table().Border(TableBorder.Simple).AddColumns("", "version", "answered", "compared", "errors", "p50 ms", "p95 ms", "p99 ms", "confidence");
        if (figures.Production is { } production) Row(table, "production", production);
        if (figures.Candidate is { } candidate) Row(table, traffic.Trial?.Kind ?? "trial", candidate);
        terminal.Table(table);
        if (figures.Agreement is { } agreement) terminal.Line(string.Create(CultureInfo.InvariantCulture, $"The same text on {figures.Agreed} of {figures.Compared} requests that both read ({100 * agreement:0.0} %); {figures.Dropped} not compared, since too many were under way."));
        if (figures.Silent.Count > 0) terminal.Note($"Without what {string.Join(", ", figures.Silent)} counted: no answer from there.");
        if (traffic.Disagreements.Count == 0) return;
        var differ = new Table().Border(TableBorder.Simple).Title("the latest that differ").AddColumns("time", "production", "confidence", "on trial", "confidence");
        foreach (var d in traffic.Disagreements.Take(DisagreementsShown))
            differ.AddRow(d.Time.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture), d.Production.EscapeMarkup(), Percent(d.ProductionConfidence), d.Candidate.EscapeMarkup(), Percent(d.CandidateConfidence));
        terminal.Table(differ);
    }

    /// <summary>A trial in a few words.</summary>
    public static string InWords(ModelTrial trial) => trial.Kind == ModelTrial.Canary
        ? string.Create(CultureInfo.InvariantCulture, $"canary of version {trial.Version}, {100 * trial.Share:0.##} % of {(trial.Sticky ? "callers" : "requests")}")
        : string.Create(CultureInfo.InvariantCulture, $"shadow of version {trial.Version}");

    /// <summary>What a trial had counted, in one line.</summary>
    public static string InWords(TrafficFigures figures) => string.Create(CultureInfo.InvariantCulture,
        $"(on trial: {figures.Candidate!.Answered + figures.Candidate.Shadowed} read, {figures.Candidate.Errors} errors, p99 {figures.Candidate.P99:0} ms, the same text on {figures.Agreed} of {figures.Compared})");

    private static void Row(Table table, string name, VersionTraffic v) => table.AddRow(name, Text(v.Version), Text(v.Answered), Text(v.Shadowed), Text(v.Errors),
        Milliseconds(v.P50), Milliseconds(v.P95), Milliseconds(v.P99), v.Answered + v.Shadowed == 0 ? "" : Percent(v.MeanConfidence));

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Milliseconds(double value) => value == 0 ? "" : value.ToString(value < 10 ? "0.0" : "0", CultureInfo.InvariantCulture);

    private static string Percent(double value) => string.Create(CultureInfo.InvariantCulture, $"{100 * value:0.0} %");
}
