using LipSol.Cli.CommandLine;
using LipSol.Client;
using Spectre.Console;

namespace LipSol.Cli.Searches;

/// <summary>Shows a search while it goes on: a table that changes on a terminal; elsewhere a line a trial that ended.</summary>
internal static class SearchWatch
{
    private const int Shown = 15;

    /// <summary>Returns once it's over, or paused: who pauses it decides when it goes on.</summary>
    public static async Task<ParameterSearch> RunAsync(Invocation call, LipSolClient client, ParameterSearch search)
    {
        var told = search.Trials.Count(t => t.Status != SearchTrialStatus.Running);
        await call.Terminal.LiveAsync(async show =>
        {
            await foreach (var now in client.Searches.FollowAsync(search.Name, call.Cancelled))
            {
                search = now;
                if (!show(SearchTables.Trials(now, Shown).Caption(SearchTables.Headline(now).EscapeMarkup())))
                    foreach (var trial in now.Trials.Where(t => t.Order > told).OrderBy(t => t.Order))
                    {
                        told = trial.Order;
                        call.Terminal.Note(FormattableString.Invariant($"{now.Trials.Count(t => t.Order > 0)}/{now.Target}  trial {trial.Number} {trial.Status.ToString().ToLowerInvariant()}{(trial.Objective is { } value ? $", {now.Metric} {SearchTables.Number(value)}" : "")}{(trial.Status != SearchTrialStatus.Completed && trial.Reason is { } reason ? $": {reason}" : "")}{(trial.Number == now.Best ? "  (best)" : "")}"));
                    }
                if (now.Status == SearchStatus.Paused) break;
            }
        });
        return search;
    }
}
