using LipSol.Contracts.Runs;
using LipSol.Contracts.Scheduling;
using LipSol.Contracts.Searches;
using LipSol.Grains.Runs;
using LipSol.Grains.Scheduling;
using Microsoft.Extensions.Logging;

namespace LipSol.Grains.Searches;

internal sealed partial class SearchGrain
{
    private const int MostValues = 100_000;

    private readonly Dictionary<int, long> _seen = [];
    private readonly Dictionary<int, DateTimeOffset> _asked = [];

    public async Task ReconcileAsync()
    {
        if (state.State.Record is null)
        {
            await RestAsync();
            return;
        }
        Dictionary<int, RunRecord?> runs = await LookAsync();
        await JudgeAsync(runs);
        await StopRunsAsync(runs);
        await ProposeAsync(runs);
        await StartRunsAsync(runs);
        if (!HasWork(Record())) await RestAsync();
    }

    private IEnumerable<TrialRecord> Live => Record().Trials.Where(t => t.Status == TrialStatus.Running);

    private async Task<Dictionary<int, RunRecord?>> LookAsync()
    {
        TrialRecord[] live = [.. Live];
        RunRecord?[] records = await Task.WhenAll(live.Select(t => Run(t).GetAsync()));
        return live.Zip(records).ToDictionary(p => p.First.Number, p => p.Second);
    }

    // Takes in what the runs have done; written where something follows from it, else only shown.
    private async Task JudgeAsync(Dictionary<int, RunRecord?> runs)
    {
        SearchRecord record = Record();
        List<TrialRecord> trials = [.. record.Trials];
        bool decided = false, shown = false;
        var seen = new Dictionary<int, long>();
        string? pause = null;
        int order = trials.Select(t => t.Order).DefaultIfEmpty(0).Max();
        foreach ((int number, RunRecord? run) in runs.OrderBy(r => r.Key))
        {
            TrialRecord before = trials[number - 1], after = before;
            if (run is null)
            {
                // Never begun, and never will be.
                if (before.Stopping is not null) after = before with { Status = TrialStatus.Stopped, Reason = before.Stopping };
            }
            else
            {
                bool over = Runs.RunRules.IsOver(run.Status) && run.Status != RunStatus.Interrupted;
                if (run.Status == RunStatus.Interrupted) pause ??= $"trial {number} lost its node ({run.Reason}): `lipsol sweep resume {Name}` goes on";
                if (await ValuesAsync(before, run, over) is { } values)
                {
                    if (run.Metrics.TryGetValue(_definition!.Metric, out MetricSummary summary)) seen[number] = summary.LastStep;
                    after = SearchRules.Judged(before, values, _definition!, trials, over);
                    shown |= after.Values != before.Values;
                }
                if (over || (run.Status == RunStatus.Interrupted && before.Stopping is not null)) after = SearchRules.Concluded(after, run, _definition!.Metric);
            }
            if (after.Status != TrialStatus.Running) after = after with { Order = ++order, EndedAt = time.GetUtcNow() };
            decided |= after.Status != before.Status || after.Stopping != before.Stopping || after.Rungs.Count != before.Rungs.Count;
            trials[number - 1] = after;
        }

        SearchRecord next = record with { Trials = trials };
        if (!SearchRules.IsOver(next.Status) && SearchRules.GivesUp(next, _definition!.Failures) is { } reason) next = Ended(next, SearchStatus.Failed, reason);
        else if (next.Status == SearchStatus.Running && pause is not null) next = next with { Status = SearchStatus.Paused, Reason = pause };
        next = Completed(next);
        if (decided || next.Status != record.Status) await WriteAsync(next);
        // Values alone are worth no write: they are in the metric store.
        else if (shown) state.State.Record = _shown = next with { Revision = Shown().Revision + 1 };
        // Only now: where one couldn't be read or written, all are looked at again.
        foreach ((int number, long step) in seen) _seen[number] = step;
    }

    private SearchRecord Completed(SearchRecord record)
    {
        if (SearchRules.IsOver(record.Status) || record.Trials.Count < record.Target || record.Trials.Exists(t => t.Status == TrialStatus.Running)) return record;
        string? reason = record.Trials.TrueForAll(t => t.Status == TrialStatus.Failed) ? $"every trial failed; the last: {record.Trials[^1].Reason}" : record.Reason;
        return record with { Status = SearchStatus.Completed, Reason = record.Status == SearchStatus.Paused ? null : reason, EndedAt = time.GetUtcNow() };
    }

    // The metric's values by step; null where there's nothing new.
    private async Task<List<double>?> ValuesAsync(TrialRecord trial, RunRecord run, bool over)
    {
        if (!over && (!run.Metrics.TryGetValue(_definition!.Metric, out MetricSummary summary) || _seen.GetValueOrDefault(trial.Number, -1) == summary.LastStep)) return null;
        return [.. (await metrics.ReadAsync(trial.RunId, _definition!.Metric, MostValues, CancellationToken.None)).Select(p => p.Value)];
    }

    private async Task StopRunsAsync(Dictionary<int, RunRecord?> runs)
    {
        foreach (TrialRecord trial in Live.Where(t => t.Stopping is not null).ToArray())
        {
            if (runs.GetValueOrDefault(trial.Number) is not { Status: RunStatus.Running or RunStatus.Queued }) continue;
            // Asked again only where nothing came of it for a while.
            if (_asked.TryGetValue(trial.Number, out DateTimeOffset asked) && time.GetUtcNow() - asked < options.StopGrace) continue;
            _asked[trial.Number] = time.GetUtcNow();
            await TryAsync(trial, () => Run(trial).StopAsync(trial.Stopping!));
        }
    }

    private async Task ProposeAsync(Dictionary<int, RunRecord?> runs)
    {
        SearchRecord record = Record();
        // One that waits for a slot is enough: those proposed later know more.
        if (record.Status != SearchStatus.Running || record.Trials.Count >= record.Target || runs.Values.Any(r => r is { Status: RunStatus.Queued })) return;
        int room = await RoomAsync() - Live.Count();
        while (room-- > 0 && record.Trials.Count < record.Target)
        {
            if (SearchRules.Next(record, _sampler!, time.GetUtcNow()) is not { } trial)
            {
                record = record with { Target = record.Trials.Count, Reason = "every configuration has been tried" };
                break;
            }
            record = record with { Trials = [.. record.Trials, trial] };
        }
        record = Completed(record);
        if (record.Trials.Count != Record().Trials.Count || record.Target != Record().Target) await WriteAsync(record);
    }

    // Trials that may be under way: as many as there are slots for what they need that others don't hold, at least one (which waits and says why), at most as many as the definition says.
    private async Task<int> RoomAsync()
    {
        SchedulerView view = await Scheduler.GetAsync();
        HashSet<string> own = [.. Live.Select(t => t.RunId)];
        int room = SlotChoice.Suitable(RunRules.NeedsOf(Record().Template), view.Nodes, view.Draining).Count(s => !view.Leases.Exists(l => l.Node == s.Node.Name && l.Slot == s.Slot.Index && !own.Contains(l.RunId)));
        return Math.Min(_definition!.Parallel ?? int.MaxValue, Math.Max(1, room));
    }

    // What is written down and has no run yet: just proposed, or before a death.
    private async Task StartRunsAsync(Dictionary<int, RunRecord?> runs)
    {
        if (Record().Status != SearchStatus.Running) return;
        foreach (TrialRecord trial in Live.Where(t => t.Stopping is null && runs.GetValueOrDefault(t.Number) is null).ToArray())
        {
            try
            {
                await GrainFactory.GetGrain<IExperimentGrain>(Name).StartRunAsync(SearchRules.Spec(Record(), trial, _definition!), SearchRules.RequestId(Record(), trial.Number));
            }
            catch (RefusedException e)
            {
                TrialRecord refused = trial with { Status = TrialStatus.Failed, Reason = e.Message, Order = Record().Trials.Max(t => t.Order) + 1, EndedAt = time.GetUtcNow() };
                await WriteAsync(Record() with { Trials = [.. Record().Trials.Select(t => t.Number == refused.Number ? refused : t)] });
            }
            catch (Exception e)
            {
                logger.LogWarning(e, "Trial {Trial} of the search {Search} couldn't be started; it's tried again.", trial.Number, Name);
            }
        }
    }

    private async Task TryAsync(TrialRecord trial, Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (Exception e)
        {
            logger.LogWarning(e, "Trial {Trial} of the search {Search} couldn't be stopped; it's tried again.", trial.Number, Name);
            _asked.Remove(trial.Number);
        }
    }
}
