using System.Globalization;
using System.Text.Json;
using LipSol.Cli.Terminals;
using LipSol.Client;
using Spectre.Console;

namespace LipSol.Cli.Pipelines;

/// <summary>How pipelines and their runs look in a terminal.</summary>
internal static class PipelineViews
{
    /// <summary>When a pipeline runs next, in words.</summary>
    public static string Next(Pipeline pipeline) => pipeline.Problem is { } problem ? $"it doesn't run until its file is mended and registered anew: {problem}" : pipeline.Paused ? "its schedule is paused" : pipeline.NextTold is { } next ? $"next run {next}" : "it runs by hand only (`lipsol pipeline run`)";

    public static string Word<T>(T status) where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(status.ToString()).Replace('-', ' ');

    public static string Heading(PipelineRun run)
    {
        var took = run.EndedAt is { } end ? $", {Took(end - run.StartedAt)}" : "";
        return $"{run.Pipeline}, run {run.Number} for {run.Day}: {Word(run.Status)}{took}{(run.Reason is { } reason ? $". {reason}" : "")}";
    }

    public static void WriteFooter(Terminal terminal, Pipeline pipeline, PipelineRun run)
    {
        terminal.Line();
        foreach (var step in run.Steps.Where(s => s.Progress is not null)) terminal.Line($"{step.Name}: {step.Progress}");
        if (run.NewerDefinition is { } newer) terminal.Line($"This run keeps definition {run.DefinitionVersion}, with which it began. The file was registered anew since: the next run begins with definition {newer}.");
        foreach (var notice in run.Notices.Where(n => n.DeliveredAt is null)) terminal.Line($"The notice of {notice.Kind} to {notice.Url} hasn't arrived after {notice.Attempts} attempts: {notice.Failure ?? "it's on its way"}");
        terminal.Line(Next(pipeline));
    }

    public static Table Of(IReadOnlyList<Pipeline> pipelines)
    {
        var table = new Table().RoundedBorder().AddColumns("Pipeline", "Next", "Under way", "Last", "What came out");
        foreach (var p in pipelines)
            table.AddRow(Markup.Escape(p.Name), Markup.Escape(p.Problem is not null ? "its file can't be read" : p.Paused ? "paused" : p.NextTold ?? "by hand"), p.Running is { } running ? $"run {running}{(p.Waiting.Count > 0 ? $", {p.Waiting.Count} wait" : "")}" : "",
                p.Last is { } last ? $"run {last.Number} {Word(last.Status)}" : "", Markup.Escape(p.Last?.Note ?? ""));
        return table;
    }

    public static Table Of(PipelineHistory history)
    {
        var table = new Table().RoundedBorder().AddColumns("Run", "For", "By", "Status", "Took", "Done", "As before", "What came out");
        foreach (var run in history.Entries)
            table.AddRow(run.Number == 0 ? "–" : run.Number.ToString(CultureInfo.InvariantCulture), run.ForTold ?? run.For.ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture), Markup.Escape(run.By.Length > 0 ? run.By : run.Trigger), Word(run.Status),
                run is { Number: > 0, Duration: { } took } ? Took(took) : "", run.Number == 0 ? "" : run.Done.ToString(CultureInfo.InvariantCulture), run.Number == 0 ? "" : run.Cached.ToString(CultureInfo.InvariantCulture), Markup.Escape(run.Note));
        return table;
    }

    private static string Took(TimeSpan took) => took.TotalHours >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{(int)took.TotalHours} h {took.Minutes} min") : took.TotalMinutes >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{took.Minutes} min {took.Seconds} s") : string.Create(CultureInfo.InvariantCulture, $"{took.TotalSeconds:0.#} s");
}
