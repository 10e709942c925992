using LipSol.Contracts.Pipelines;
using LipSol.Contracts.Runs;
using LipSol.Pipelines;
using Microsoft.Extensions.Logging;

namespace LipSol.Grains.Pipelines;

internal sealed partial class PipelineGrain
{
    public Task ReceiveReminder(string reminderName, TickStatus status) => WakeAsync();

    public async Task WakeAsync()
    {
        await SettleAsync();
        if (Exists && !State.Paused && Schedule(Newest.Text) is { } declared) await TakeDueAsync(declared);
        await AdvanceAsync();
        await RemindAsync();
    }

    private async Task TakeDueAsync(ScheduleDefinition declared)
    {
        PipelineSchedule schedule = PipelineSchedule.Of(declared);
        DueTimes due = schedule.Due(State.Handled, time.GetUtcNow());
        if (due.Handled == State.Handled) return;
        State.Handled = due.Handled;
        PipelineDefinition definition = Read(Newest.Text);
        if (due.Missed > 0)
        {
            string what = due.Missed == 1 ? $"{schedule.Tell(due.FirstMissed!.Value)} was missed: no node was up." : $"{due.Missed} times from {schedule.Tell(due.FirstMissed!.Value)} on were missed: no node was up.";
            LeaveOut(due.FirstMissed.Value, due.Run is null ? $"{what} The pipeline says `missed: skip`." : $"{what} The run for {schedule.Tell(due.Run.Value)} makes up for it.");
        }
        if (due.Run is { } at)
        {
            if (StillRuns is { } current && definition.Overlap == OverlapRule.Skip) LeaveOut(at, $"Run {current.Number} still ran, and the pipeline says `overlap: skip`.");
            else if (State.Waiting.Count >= MostWaiting) LeaveOut(at, $"{State.Waiting.Count} runs wait already.");
            else Queue(Next(definition, "schedule", at, ""), definition.Overlap);
        }
        await WriteAsync();
    }

    // A run has a number from the moment it's asked for; the definition it keeps is the one that is newest when it begins.
    private PipelineRunRequest Next(PipelineDefinition definition, string trigger, DateTimeOffset at, string by) => new()
    {
        Pipeline = Name,
        Number = ++State.LastNumber,
        DefinitionVersion = 0,
        Definition = "",
        Trigger = trigger,
        By = by,
        For = at,
        Day = (definition.Schedule is { } s ? PipelineSchedule.Of(s).Day(at) : DateOnly.FromDateTime(at.UtcDateTime)).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture),
    };

    // The run that a further one would overlap with. Those that make up for days of the past are no such runs: a night isn't left out for them, and they aren't cancelled for a night.
    private PipelineRunRequest? StillRuns => State.Current is { Trigger: not Backfill } current ? current : State.Waiting.Find(w => w.Trigger != Backfill);

    private void Queue(PipelineRunRequest run, OverlapRule overlap)
    {
        if (overlap == OverlapRule.Cancel && StillRuns is not null)
        {
            if (State.Current is { Trigger: not Backfill }) State.CancelCurrent ??= $"Run {run.Number} takes its place.";
            foreach (PipelineRunRequest older in State.Waiting.Where(w => w.Trigger != Backfill)) Note(Entry(older, "cancelled", $"Run {run.Number} takes its place.") with { EndedAt = time.GetUtcNow() });
            State.Waiting = [.. State.Waiting.Where(w => w.Trigger == Backfill)];
        }
        // Before what is made up for, which may be many.
        State.Waiting = [.. State.Waiting.Where(w => w.Trigger != Backfill), run, .. State.Waiting.Where(w => w.Trigger == Backfill)];
    }

    // What the run itself says counts: its word that it's over may still be on its way, or have been lost with a node.
    private async Task SettleAsync()
    {
        if (State.Current is not { } current || await AskAsync(current.Number) is not { IsOver: true } over) return;
        Note(PipelineRunGrain.SummaryOf(over));
        (State.Current, State.CancelCurrent) = (null, null);
        await WriteAsync();
    }

    private async Task<PipelineRunState?> AskAsync(int number)
    {
        try
        {
            return await Run(number).GetAsync() is { } record ? PipelineRunState.FromJson(record.State) : null;
        }
        catch (Exception e)
        {
            logger.LogWarning(e, "Run {Run} of {Pipeline} couldn't be asked; until it can be it counts as under way.", number, Name);
            return null;
        }
    }

    // Begins what can begin. Each part may be done again: what is asked of a run is what is written down here.
    private async Task AdvanceAsync()
    {
        await SettleAsync();
        if (State.Current is null && State.Waiting.Count > 0 && Exists)
        {
            State.Current = State.Waiting[0] with { DefinitionVersion = Newest.Version, Definition = Newest.Text };
            State.Waiting = [.. State.Waiting.Skip(1)];
            Note(Entry(State.Current, "running", "") with { DefinitionVersion = Newest.Version });
            await WriteAsync();
        }
        if (State.Current is not { } begins) return;
        try
        {
            await Run(begins.Number).BeginAsync(begins);
            if (State.CancelCurrent is { } reason) await Run(begins.Number).CancelAsync(reason);
        }
        catch (RefusedException e)
        {
            // It never can: what waits for it needn't.
            Note(Entry(begins, "failed", e.Message) with { EndedAt = time.GetUtcNow(), DefinitionVersion = begins.DefinitionVersion });
            (State.Current, State.CancelCurrent) = (null, null);
            await WriteAsync();
            await AdvanceAsync();
        }
        catch (Exception e)
        {
            // It's written down: the next waking does it.
            logger.LogWarning(e, "Run {Run} of {Pipeline} couldn't be told yet; it's tried again.", begins.Number, Name);
        }
    }

    private void LeaveOut(DateTimeOffset at, string why) =>
        Note(new PipelineRunSummary { Number = 0, Trigger = "schedule", For = at, Status = "left-out", StartedAt = time.GetUtcNow(), EndedAt = time.GetUtcNow(), DefinitionVersion = Newest.Version, Note = why });

    private PipelineRunSummary Entry(PipelineRunRequest run, string status, string note) =>
        new() { Number = run.Number, Trigger = run.Trigger, For = run.For, Status = status, StartedAt = time.GetUtcNow(), By = run.By, Note = note, DefinitionVersion = run.DefinitionVersion };

    private DateTimeOffset? NextTime() => State.Paused || Schedule(Newest.Text) is not { } declared ? null : PipelineSchedule.Of(declared).Next(State.Handled > time.GetUtcNow() ? State.Handled : time.GetUtcNow());

    private async Task RemindAsync()
    {
        IGrainReminder? reminder = await this.GetReminder(Reminder);
        if (!Exists)
        {
            if (reminder is not null) await this.UnregisterReminder(reminder);
            return;
        }
        TimeSpan wait = NextTime() is { } next && next - time.GetUtcNow() < ReminderPeriod ? next - time.GetUtcNow() : ReminderPeriod;
        if (reminder is null || wait < ReminderPeriod) await this.RegisterOrUpdateReminder(Reminder, wait < ShortestReminder ? ShortestReminder : wait, ReminderPeriod);
    }
}
