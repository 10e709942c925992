using System.Globalization;
using LipSol.Cli.CommandLine;
using LipSol.Client;
using Spectre.Console;

namespace LipSol.Cli.Runs;

/// <summary>Runs as people read them.</summary>
internal static class RunViews
{
    public static void Print(Invocation call, Run run)
    {
        var terminal = call.Terminal;
        terminal.Line($"run {run.Id}  {run.Name}  {Word(run.Status)}{(run.Reason is { } reason && run.Status != RunStatus.Completed ? $": {reason}" : "")}");
        terminal.Line($"{run.Network} on {run.Corpus} (data {run.DataHash}), seed {run.Seed}, experiment {run.Experiment}{(Took(run) is { } took ? $", {took}" : "")}");
        if (run.Waits is { } waits) terminal.Line($"waits: {waits}");
        if (run.Attempts.Count > 1) foreach (var attempt in run.Attempts) terminal.Line(Attempt(attempt));
        if (run.Checkpoints.Count > 0) terminal.Line($"checkpoints ({run.KeepCheckpoints}): {string.Join(", ", run.Checkpoints.Select(Checkpoint))}");
        if (run.InitFrom is { } from) foreach (var line in Start(from)) terminal.Line(line);
        if (run.Tags.TryGetValue("withdrawn", out var withdrawn)) terminal.Line($"withdrawn {withdrawn}: train it anew without them");
        if (run.Inputs.Count > 0) terminal.Line($"made of: {string.Join(", ", run.Inputs.Select(i => $"{i.Name} {i.Hash}"))}; `lipsol data pull --run {run.Id}` restores them");
        if (run.Parameters.Count > 0) terminal.Line(string.Join("  ", run.Parameters.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}={p.Value}")));
        if (run.Figures.Count > 0) terminal.Table(Figures.Table(run.Figures));
        if (run.OnnxMaxAbsDifference is { } difference) terminal.Line(string.Create(CultureInfo.InvariantCulture, $"torch against ONNX: logits differ by at most {difference:0.0e+0}"));
    }

    public static Table Table(IEnumerable<Run> runs)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("run", "name", "experiment", "network", "corpus", "status", "on test", "created");
        foreach (var run in runs)
        {
            table.AddRow(run.Id.EscapeMarkup(), run.Name.EscapeMarkup(), run.Experiment.EscapeMarkup(), run.Network.EscapeMarkup(), run.Corpus.EscapeMarkup(),
                run.Status == RunStatus.Running ? string.Create(CultureInfo.InvariantCulture, $"running {100 * run.Progress:0} %") : Word(run.Status),
                Figures.Headline(run.Figures).EscapeMarkup(),
                run.CreatedAt.ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture));
        }
        return table;
    }

    private static string Checkpoint(RunCheckpoint checkpoint) =>
        string.Create(CultureInfo.InvariantCulture, $"step {checkpoint.Step}{(checkpoint.Score is { } score ? $" (val {score:0.###})" : "")}");

    private static string Attempt(RunAttempt attempt) =>
        $"  attempt {attempt.Epoch} on {attempt.Node}, {(attempt.FromStep is { } step ? string.Create(CultureInfo.InvariantCulture, $"from step {step}") : "from the start")}{(attempt.Ended is { } ended ? $": {ended}" : "")}";

    /// <summary>What a run started from, and what is known of the data behind it.</summary>
    public static IEnumerable<string> Start(InitialWeights from)
    {
        var behind = from.Pretraining.Count == 0 ? "" : $", made by {string.Join(", before that ", from.Pretraining.Select(p => $"run {p.RunId} on {p.Corpus} (data {p.DataHash})"))}";
        yield return $"starts from {StartName(from)}: weights {from.Weights}{(from.Map is { } map ? $", mapping {map}" : "")}{behind}; init-report.json says what matched";
        foreach (var unknown in from.Unknown) yield return $"  {unknown}";
        if (from.SpeakersSeen.Count > 0) yield return $"  These weights know speakers who count as unseen here: {string.Join(", ", from.SpeakersSeen)}.";
    }

    /// <summary>What it's named by.</summary>
    public static string StartName(InitialWeights? from) => from is null ? "random weights" : $"the {from.Kind.ToString().ToLowerInvariant()} {from.Id}";

    public static string Word(RunStatus status) => status.ToString().ToLowerInvariant();

    private static string? Took(Run run) => run is { StartedAt: { } start, EndedAt: { } end } ? string.Create(CultureInfo.InvariantCulture, $"{(end - start).TotalSeconds:0} s") : null;
}
