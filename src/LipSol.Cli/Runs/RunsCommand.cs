using System.CommandLine;
using LipSol.Cli.CommandLine;
using LipSol.Cli.Nodes;
using LipSol.Cli.Runs.Exports;
using LipSol.Client;
using Spectre.Console;

namespace LipSol.Cli.Runs;

/// <summary><c>runs</c>: the history.</summary>
internal static class RunsCommand
{
    public static Command Create() =>
        new CliCommand("runs", "The run history: list and search, show, compare, stop, resume, export, delete.", "lipsol runs list", "lipsol runs list --where \"metrics.val_wer.min < 0.3\" --order-by metrics.val_wer.min",
                "lipsol runs compare RUN RUN")
            .With(List(), Show(), Compare(), Stop(), Resume(), ExportCommand.Create(), DeleteCommands.Delete(), DeleteCommands.Restore(), DeleteCommands.Purge());

    private static Command List()
    {
        var experiment = new Option<string?>("--experiment") { Description = "Only this experiment." };
        var status = new Option<RunStatus?>("--status") { Description = "Only runs in this state." };
        var take = new Option<int>("--take") { Description = "At most so many.", DefaultValueFactory = _ => 50 };
        var search = new SearchOptions();
        return new CliCommand("list", "Runs, newest first or as ordered; all, or those that a search finds (docs/history.md has its language).",
                "lipsol runs list --experiment rates --status completed", "lipsol runs list --where \"metrics.val_wer.min < 0.3 AND created > -7d\" --order-by metrics.val_wer.min",
                "lipsol runs list --where \"params.learning_rate = '0.004' AND NOT tags.who = 'a'\"")
            .With([experiment, status, take, .. search.All]).Does(async call =>
            {
                if (call.Value(take) < 1) throw new BadInputException($"--take {call.Value(take)}: give 1 or more.");
                await using var node = await NodeSession.OpenAsync(call);
                var wanted = search.Of(call) with { Experiment = call.Value(experiment), Status = call.Value(status), Take = Math.Min(call.Value(take), SearchOptions.LargestPage), Count = true };
                var first = await node.Client.Runs.SearchPageAsync(wanted, call.Cancelled);
                List<Run> runs = [.. first.Runs];
                for (var next = first.Next; next is not null && runs.Count < call.Value(take);)
                {
                    var page = await node.Client.Runs.SearchPageAsync(wanted with { After = next, Count = false }, call.Cancelled);
                    runs.AddRange(page.Runs.Take(call.Value(take) - runs.Count));
                    next = page.Next;
                }
                if (call.Terminal.Json) call.Terminal.Document(runs);
                else if (runs.Count == 0) call.Terminal.Line(wanted == new SearchRuns { Take = wanted.Take, Count = true } ? "No run yet. Start one with `lipsol train`." : "No run is like that.");
                else
                {
                    call.Terminal.Table(RunViews.Table(runs));
                    if (first.Total > runs.Count) call.Terminal.Line(FormattableString.Invariant($"{runs.Count} of {first.Total} runs; --take shows more."));
                }
                return ExitStatus.Done;
            });
    }

    private static Command Show()
    {
        var id = new Argument<string>("RUN") { Description = "The run's id." };
        var log = new Option<bool>("--log") { Description = "What the run's worker printed." };
        return new CliCommand("show", "One run: status, parameters, figures; or its log.", "lipsol runs show RUN", "lipsol runs show RUN --log").With(id, log).Does(async call =>
        {
            await using var node = await NodeSession.OpenAsync(call);
            var run = await node.Client.Runs.GetAsync(call.Value(id), call.Cancelled);
            var printed = call.Value(log) ? await node.Client.Runs.GetLogAsync(run.Id, call.Cancelled) : null;
            if (call.Terminal.Json) call.Terminal.Document(printed is null ? run : new { run = run.Id, log = printed });
            else if (printed is not null) call.Terminal.Line(printed.TrimEnd());
            else RunViews.Print(call, run);
            return ExitStatus.Done;
        });
    }

    private static Command Compare()
    {
        var ids = new Argument<string[]>("RUN") { Description = "Two or more runs.", Arity = new ArgumentArity(2, 100) };
        return new CliCommand("compare", "Runs side by side: the parameters in which they differ, and their figures with intervals.", "lipsol runs compare RUN RUN").With(ids).Does(async call =>
        {
            await using var node = await NodeSession.OpenAsync(call);
            var runs = new List<Run>();
            foreach (var id in call.Value(ids)) runs.Add(await node.Client.Runs.GetAsync(id, call.Cancelled));
            if (call.Terminal.Json) call.Terminal.Document(runs);
            else call.Terminal.Table(Comparison(runs));
            return ExitStatus.Done;
        });
    }

    private static Command Stop()
    {
        var id = new Argument<string>("RUN") { Description = "The run's id." };
        return new CliCommand("stop", "Ask a run to write a checkpoint and stop; a queued run ends at once.", "lipsol runs stop RUN").With(id).Does(async call =>
        {
            await using var node = await NodeSession.OpenAsync(call);
            var run = await node.Client.Runs.StopAsync(call.Value(id), cancellationToken: call.Cancelled);
            if (call.Terminal.Json) call.Terminal.Document(run);
            else call.Terminal.Line($"run {run.Id}: {RunViews.Word(run.Status)}");
            return ExitStatus.Done;
        });
    }

    private static Command Resume()
    {
        var id = new Argument<string>("RUN") { Description = "The run's id." };
        return new CliCommand("resume", "Let an interrupted, stopped or failed run go on from its last checkpoint, and follow it.", "lipsol runs resume RUN").With(id).Does(async call =>
        {
            await using var node = await NodeSession.OpenAsync(call);
            var run = await node.Client.Runs.ResumeAsync(call.Value(id), call.Cancelled);
            return await TrainCommand.FollowAsync(call, node.Client, run);
        });
    }

    private static Table Comparison(IReadOnlyList<Run> runs)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn("");
        foreach (var run in runs) table.AddColumn(run.Id.EscapeMarkup());
        Row("name", r => r.Name);
        Row("status", r => RunViews.Word(r.Status));
        if (runs.Any(r => r.InitFrom is not null)) Row("starts from", r => RunViews.StartName(r.InitFrom));
        foreach (var key in runs.SelectMany(r => r.Parameters.Keys).Distinct().Order(StringComparer.Ordinal))
        {
            if (runs.Select(r => r.Parameters.GetValueOrDefault(key)).Distinct().Count() > 1) Row(key, r => r.Parameters.GetValueOrDefault(key) ?? "");
        }
        foreach (var key in runs.SelectMany(r => r.Figures.Keys).Distinct().Order(StringComparer.Ordinal))
            Row(key, r => r.Figures.TryGetValue(key, out var figure) ? Figures.Text(figure) : "");
        return table;

        void Row(string name, Func<Run, string> value) => table.AddRow([name.EscapeMarkup(), .. runs.Select(r => value(r).EscapeMarkup())]);
    }
}
