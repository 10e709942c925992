using System.CommandLine;
using System.Globalization;
using LipSol.Cli.CommandLine;
using LipSol.Cli.Nodes;
using LipSol.Client;

namespace LipSol.Cli.Runs;

/// <summary><c>runs delete</c>, <c>runs restore</c> and <c>runs purge</c>: hidden first, then gone.</summary>
internal static class DeleteCommands
{
    public static Command Delete()
    {
        var ids = Ids();
        var where = Where("Runs that this search finds, e.g. \"status = 'failed' AND created < -30d\".");
        return new CliCommand("delete", "Hide runs from lists and searches. They can be restored until they are purged. Runs that wait or run, or that a model stands on, are kept.",
                "lipsol runs delete RUN", "lipsol runs delete --where \"status = 'failed' AND created < -30d\"")
            .With(ids, where)
            .Does(async call =>
            {
                await using var node = await NodeSession.OpenAsync(call);
                var runs = await ChosenAsync(call, node.Client, call.Value(ids), call.Value(where), DeletedRuns.Hidden);
                return await EachAsync(call, runs, "deleted", id => node.Client.Runs.DeleteAsync(id, call.Cancelled), "`lipsol runs restore` brings them back, `lipsol runs purge` removes them for good.");
            });
    }

    public static Command Restore()
    {
        var ids = Ids();
        var where = Where("Deleted runs that this search finds.");
        return new CliCommand("restore", "Show deleted runs again.", "lipsol runs restore RUN", "lipsol runs restore --where \"experiment = 'rates'\"").With(ids, where).Does(async call =>
        {
            await using var node = await NodeSession.OpenAsync(call);
            var runs = await ChosenAsync(call, node.Client, call.Value(ids), call.Value(where), DeletedRuns.Only);
            return await EachAsync(call, runs, "restored", id => node.Client.Runs.RestoreAsync(id, call.Cancelled), null);
        });
    }

    public static Command Purge()
    {
        var older = new Option<string?>("--older-than") { Description = "Only runs that were deleted so long ago, as 30d or 12h.", HelpName = "TIME" };
        var yes = Confirmation.Yes();
        return new CliCommand("purge", "Remove deleted runs for good: records, metrics, checkpoints that nothing else refers to, and what their workers printed. Says what it would remove, and asks. Models and evaluations stay in the store.",
                "lipsol runs purge --older-than 30d", "lipsol runs purge --yes")
            .With(older, yes)
            .Does(async call =>
            {
                var age = Age(call.Value(older));
                await using var node = await NodeSession.OpenAsync(call);
                List<Run> runs = [];
                await foreach (var run in node.Client.Runs.SearchAsync(new SearchRuns { Deleted = DeletedRuns.Only, Take = SearchOptions.LargestPage }, call.Cancelled))
                    if (run.DeletedAt <= DateTimeOffset.UtcNow - age) runs.Add(run);
                if (runs.Count > 0 && !call.Value(yes))
                {
                    foreach (var run in runs.Take(20)) call.Terminal.Note(string.Create(CultureInfo.InvariantCulture, $"  {run.Id}  {run.Name}  (experiment {run.Experiment}, deleted {run.DeletedAt?.ToLocalTime():yyyy-MM-dd HH:mm})"));
                    if (runs.Count > 20) call.Terminal.Note($"  … and {runs.Count - 20} more");
                    Confirmation.Require(call, yes, $"Remove {Count(runs.Count)} for good, with all metrics and checkpoints?");
                }
                return await EachAsync(call, runs, "purged", id => node.Client.Runs.PurgeAsync(id, call.Cancelled), null);
            });
    }

    private static Argument<string[]> Ids() => new("RUN") { Description = "Runs, by id.", Arity = ArgumentArity.ZeroOrMore };

    private static Option<string?> Where(string description) => new("--where") { Description = description, HelpName = "SEARCH" };

    private static async Task<List<string>> ChosenAsync(Invocation call, LipSolClient client, string[] ids, string? where, DeletedRuns deleted)
    {
        if (ids.Length > 0 == where is not null) throw new BadInputException(where is null ? "Say which runs: their ids, or --where." : "Say which runs by their ids or by --where, not by both.");
        if (where is null) return [.. ids.Distinct()];
        List<string> found = [];
        await foreach (var run in client.Runs.SearchAsync(new SearchRuns { Where = where, Deleted = deleted, Take = SearchOptions.LargestPage }, call.Cancelled)) found.Add(run.Id);
        return found;
    }

    private static Task<int> EachAsync(Invocation call, List<Run> runs, string done, Func<string, Task> act, string? next) => EachAsync(call, runs.ConvertAll(r => r.Id), done, act, next);

    // One that is refused keeps no other from being done.
    private static async Task<int> EachAsync(Invocation call, List<string> ids, string done, Func<string, Task> act, string? next)
    {
        List<string> did = [];
        List<object> refused = [];
        using var progress = call.Terminal.Progress(done, "runs");
        foreach (var id in ids)
        {
            try
            {
                await act(id);
                did.Add(id);
            }
            catch (LipSolException e) when (e is LipSolRefusedException or LipSolNotFoundException)
            {
                refused.Add(new { run = id, reason = e.Message });
                call.Terminal.Error(e.Message);
            }
            progress.Report(did.Count, ids.Count);
        }
        if (call.Terminal.Json) call.Terminal.Document(new { done, runs = did, refused });
        else call.Terminal.Line(did.Count == 0 ? $"No run was {done}." : $"{Count(did.Count)} {done}.{(next is null ? "" : " " + next)}");
        return refused.Count == 0 ? ExitStatus.Done : ExitStatus.BadInput;
    }

    private static TimeSpan Age(string? text)
    {
        if (text is null) return TimeSpan.Zero;
        var unit = text.Length == 0 ? null : text[^1] switch { 's' => TimeSpan.FromSeconds(1), 'm' => TimeSpan.FromMinutes(1), 'h' => TimeSpan.FromHours(1), 'd' => TimeSpan.FromDays(1), 'w' => TimeSpan.FromDays(7), _ => (TimeSpan?)null };
        return unit is { } one && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count * one.TotalDays < 36500 ? count * one
            : throw new BadInputException($"--older-than {text}: give a number and s, m, h, d or w, as 30d.");
    }

    private static string Count(int runs) => runs == 1 ? "1 run" : $"{runs} runs";
}
