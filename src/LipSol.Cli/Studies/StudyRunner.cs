using LipSol.Cli.CommandLine;
using LipSol.Client;

namespace LipSol.Cli.Studies;

/// <summary>Runs a study from the command line: starts what isn't there yet, follows it, shows the figures. Ctrl-C stops its runs behind a checkpoint; the same command goes on.</summary>
internal static class StudyRunner
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(60);

    /// <param name="call">The command.</param>
    /// <param name="client">The node.</param>
    /// <param name="plan">What to run.</param>
    /// <param name="show">Shows what came out, to people.</param>
    /// <param name="svg">The file for the picture; null for none.</param>
    /// <param name="picture">Draws it.</param>
    public static async Task<int> RunAsync(Invocation call, LipSolClient client, StudyPlan plan, Action<RunSummaries> show, string? svg, Func<Study, string> picture)
    {
        var asked = plan.Groups.Sum(g => g.Runs.Count);
        var runs = await client.Studies.StartAsync(plan, call.Cancelled);
        var done = runs.Sum(group => group.Count(r => r.Status == RunStatus.Completed));
        call.Terminal.Note($"{asked} runs of {plan.Groups[0].Runs[0].Network} on {plan.Groups[0].Runs[0].Corpus} in the experiment \"{plan.Groups[0].Runs[0].Experiment}\"{(plan.Groups[0].Runs[0].InitFrom is { } from ? $", each from {Runs.RunViews.StartName(from)}" : "")}{(done > 0 ? $", {done} of them done before" : "")}");
        Study study;
        try
        {
            using var progress = call.Terminal.Progress("training", "");
            study = await client.Studies.FinishAsync(plan, runs, new Progress<StudyProgress>(p => progress.Report(p.Progress, 1, $"{p.Completed}/{p.Runs} runs{(p.Current is { } run ? $"  {run.Name} {run.Phase}" : "")}")), call.Cancelled);
        }
        catch (OperationCanceledException) when (call.Cancelled.IsCancellationRequested)
        {
            call.Terminal.Note("stopping the runs … the same command goes on where they were");
            using var patience = new CancellationTokenSource(StopPatience);
            await client.Studies.StopAsync(runs, "stopped with Ctrl-C", patience.Token);
            // A node that was started for this command ends with it: the checkpoints are written first.
            study = await client.Studies.FinishAsync(plan, runs, null, patience.Token);
        }
        if (study.Summaries is { } summaries)
        {
            show(summaries);
            if (svg is not null)
            {
                await File.WriteAllTextAsync(svg, picture(study), CancellationToken.None);
                call.Terminal.Note($"The picture is {Path.GetFullPath(svg)}.");
            }
        }
        var unfinished = study.Unfinished.ToArray();
        foreach (var run in unfinished) call.Terminal.Error($"run {run.Id} ({run.Name}) {Runs.RunViews.Word(run.Status)}{(run.Reason is { } reason ? $": {reason}" : "")}");
        if (call.Terminal.Json) call.Terminal.Document(new { kind = plan.Kind, runs = runs.Zip(plan.Groups, (group, planned) => new { label = planned.Label, runs = group.Select(r => r.Id) }), figures = study.Summaries, unfinished = unfinished.Select(r => new { id = r.Id, status = r.Status, reason = r.Reason }) });
        return unfinished.Length == 0 ? ExitStatus.Done : ExitStatus.Failed;
    }
}
