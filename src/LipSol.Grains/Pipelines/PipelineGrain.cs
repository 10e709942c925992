using System.Text.Json;
using LipSol.Contracts.Models;
using LipSol.Contracts.Pipelines;
using LipSol.Contracts.Runs;
using LipSol.Grains.Models.Gate;
using LipSol.Grains.Pipelines.Steps;
using LipSol.Grains.Ports;
using LipSol.Pipelines;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LipSol.Grains.Pipelines;

/// <summary>A pipeline: what is due is written down before it's begun, so whatever dies in between, each time of the schedule begins one run at most and none is forgotten.</summary>
[GrainType("pipeline")]
internal sealed partial class PipelineGrain(
    [PersistentState("pipeline")] IPersistentState<PipelineState> state,
    INoticeSender notices,
    [FromKeyedServices(LipSolGrainsExtensions.Clock)] TimeProvider time,
    ILogger<PipelineGrain> logger) : Grain, IPipelineGrain, IRemindable
{
    private const string Reminder = "due", Backfill = "backfill";
    private const int DefinitionsKept = 50, EntriesKept = 500, MostWaiting = 1000, RequestsKept = 100;
    // It fires as long as there's a pipeline, and at the next time if that comes sooner: what was cut short is gone on with then.
    private static readonly TimeSpan ReminderPeriod = TimeSpan.FromMinutes(5), ShortestReminder = TimeSpan.FromSeconds(1);

    private string Name => this.GetPrimaryKeyString();
    private PipelineState State => state.State;
    private bool Exists => State.Definitions.Count > 0 && !State.Deleted;
    private RegisteredDefinition Newest => State.Definitions[^1];

    public async Task<PipelineRecord> RegisterAsync(string definition, string by = "")
    {
        PipelineDefinition read = Read(definition);
        if (read.Name != Name) throw new RefusedException($"The file is of the pipeline '{read.Name}', not of '{Name}'.");
        if (read.Notices.Count > 0 && notices.CannotSend is { } why) throw new RefusedException($"The pipeline has notices, and this node can't send any: {why}");
        foreach (StepDefinition gate in read.Steps.Where(s => s.Kind == "gate")) CheckGate(gate);
        bool anew = !Exists;
        // First what finds it again: a name without a pipeline is passed over, a reminder without one goes away.
        await GrainFactory.GetGrain<IPipelineRegistryGrain>(0).AddAsync(Name);
        if (anew) await this.RegisterOrUpdateReminder(Reminder, ReminderPeriod, ReminderPeriod);
        if (anew || Newest.Text != definition)
        {
            // A schedule that is new begins now: what it would have had before is no missed day.
            if (anew || Schedule(Newest.Text) != read.Schedule) State.Handled = time.GetUtcNow();
            int version = State.Definitions.Count == 0 ? 1 : Newest.Version + 1;
            State.Definitions = [.. State.Definitions.TakeLast(DefinitionsKept - 1), new RegisteredDefinition(version, definition, time.GetUtcNow(), by)];
            (State.Deleted, State.Paused) = (false, !anew && State.Paused);
            await WriteAsync();
        }
        await RemindAsync();
        return Record()!;
    }

    public Task<PipelineRecord?> GetAsync() => Task.FromResult(Record());

    public async Task<int> StartAsync(string requestId, string by = "")
    {
        if (string.IsNullOrWhiteSpace(requestId)) throw new RefusedException("A run is begun with a request id, so that a repeated request begins nothing twice: give one.");
        RequireExists();
        if (State.Requests.Find(r => r.RequestId == requestId) is { } begun)
        {
            await AdvanceAsync();
            return begun.Number;
        }
        await SettleAsync();
        PipelineDefinition definition = Read(Newest.Text);
        if (StillRuns is { } current && definition.Overlap == OverlapRule.Skip)
            throw new RefusedException($"Run {current.Number} of {Name} still runs, and the pipeline says `overlap: skip`. Wait for it, or cancel it: `lipsol pipeline cancel {Name}`.");
        PipelineRunRequest run = Next(definition, "hand", time.GetUtcNow(), by);
        State.Requests = [.. State.Requests.TakeLast(RequestsKept - 1), new HandRequest(requestId, run.Number)];
        Queue(run, definition.Overlap);
        await WriteAsync();
        await AdvanceAsync();
        return run.Number;
    }

    public async Task<List<int>> BackfillAsync(DateOnly from, DateOnly to, string by = "", string requestId = "")
    {
        RequireExists();
        if (requestId.Length > 0 && State.Requests.Find(r => r.RequestId == requestId) is { } begun)
        {
            await AdvanceAsync();
            return [.. Enumerable.Range(begun.Number, Math.Max(begun.Last, begun.Number) - begun.Number + 1)];
        }
        PipelineDefinition definition = Read(Newest.Text);
        if (definition.Schedule is not { } declared) throw new RefusedException($"The pipeline {Name} has no schedule, so no days to make up for. Run it by hand: `lipsol pipeline run {Name}`.");
        IReadOnlyList<DateTimeOffset> times;
        try
        {
            times = PipelineSchedule.Of(declared).On(from, to);
        }
        catch (ArgumentException e)
        {
            throw new RefusedException(e.Message);
        }
        if (times.Count == 0) throw new RefusedException($"The schedule has nothing between {from:yyyy-MM-dd} and {to:yyyy-MM-dd}.");
        if (times[^1] > time.GetUtcNow()) throw new RefusedException($"{to:yyyy-MM-dd} isn't over yet: only days in the past can be made up for.");
        if (State.Waiting.Count + times.Count > MostWaiting) throw new RefusedException($"{State.Waiting.Count} runs wait already; at most {MostWaiting} can. Take fewer days.");
        PipelineRunRequest[] runs = [.. times.Select(t => Next(definition, Backfill, t, by))];
        if (requestId.Length > 0) State.Requests = [.. State.Requests.TakeLast(RequestsKept - 1), new HandRequest(requestId, runs[0].Number, runs[^1].Number)];
        State.Waiting = [.. State.Waiting, .. runs];
        await WriteAsync();
        await AdvanceAsync();
        return [.. runs.Select(r => r.Number)];
    }

    public async Task CancelAsync(int number, string reason)
    {
        RequireExists();
        if (State.Waiting.Find(w => w.Number == number) is { } waits)
        {
            State.Waiting = [.. State.Waiting.Where(w => w != waits)];
            Note(Entry(waits, "cancelled", reason) with { EndedAt = time.GetUtcNow() });
            await WriteAsync();
            return;
        }
        await SettleAsync();
        if (State.Current is not { } current || (number != 0 && current.Number != number))
            throw new RefusedException(number == 0 ? $"No run of {Name} is under way." : $"Run {number} of {Name} isn't under way. `lipsol pipeline history {Name}` shows what became of it.");
        State.CancelCurrent = reason;
        await WriteAsync();
        await AdvanceAsync();
    }

    public async Task ResumeAsync(int number)
    {
        RequireExists();
        if (number == 0)
        {
            if (!State.Paused) throw new RefusedException($"The pipeline {Name} isn't paused. To go on with a run that failed, name it: `lipsol pipeline resume {Name} --run {State.LastNumber}`.");
            // What was due meanwhile wasn't missed: it was left out on purpose.
            (State.Paused, State.Handled) = (false, time.GetUtcNow());
            await WriteAsync();
            await RemindAsync();
            return;
        }
        await SettleAsync();
        if (State.Current is { } current) throw new RefusedException($"Run {current.Number} of {Name} is under way. Wait for it, or cancel it, and go on with run {number} then.");
        if (await Run(number).GetAsync() is not { } record) throw new RefusedException($"There's no run {number} of {Name}.");
        PipelineRunState run = PipelineRunState.FromJson(record.State);
        if (run.Status is not (PipelineStatus.Failed or PipelineStatus.Cancelled)) throw new RefusedException($"Run {number} of {Name} is {Word(run.Status)}: there's nothing to go on with.");
        RequireReadable(run);
        State.Current = new PipelineRunRequest { Pipeline = Name, Number = number, DefinitionVersion = run.DefinitionVersion, Definition = run.Definition, Trigger = Word(run.Trigger), By = run.By, For = run.For, Day = run.Day };
        await WriteAsync();
        await Run(number).ResumeAsync();
    }

    public async Task PauseAsync()
    {
        RequireExists();
        State.Paused = true;
        await WriteAsync();
    }

    public async Task DeleteAsync()
    {
        RequireExists();
        await SettleAsync();
        if (State.Current is { } current) throw new RefusedException($"Run {current.Number} of {Name} is under way. Cancel it first: `lipsol pipeline cancel {Name}`.");
        (State.Deleted, State.Waiting, State.Remembered) = (true, [], "[]");
        await WriteAsync();
        await GrainFactory.GetGrain<IPipelineRegistryGrain>(0).RemoveAsync(Name);
        await RemindAsync();
    }

    public Task<PipelineHistory> GetHistoryAsync(int skip, int take)
    {
        IEnumerable<PipelineRunSummary> waiting = State.Waiting.AsEnumerable().Reverse().Select(w => Entry(w, "waiting", ""));
        PipelineRunSummary[] all = [.. waiting, .. State.History.AsEnumerable().Reverse()];
        return Task.FromResult(new PipelineHistory([.. all.Skip(skip).Take(take)], all.Length));
    }

    public Task<string> RecallAsync(string step) => Task.FromResult(JsonSerializer.Serialize(Remembered().Where(c => c.Step == step)));

    public async Task RememberAsync(string result)
    {
        CachedStep left = JsonSerializer.Deserialize<CachedStep>(result) ?? throw new JsonException("There's no result.");
        if (!Exists || Remembered().Any(c => c.Step == left.Step && c.Run == left.Run && c.Key.Hash == left.Key.Hash)) return;
        State.Remembered = JsonSerializer.Serialize(StepCache.With(Remembered(), left));
        await WriteAsync();
    }

    // What the run says now counts, not what it said when it asked: someone may have gone on with it since. And where it was known already, what waits for it may not have been begun.
    public Task OverAsync(int number) => State.Current is null || State.Current.Number == number ? AdvanceAsync() : Task.CompletedTask;

    private List<CachedStep> Remembered() => JsonSerializer.Deserialize<List<CachedStep>>(State.Remembered) ?? [];

    private static PipelineDefinition Read(string definition)
    {
        try
        {
            return PipelineFile.Read(definition);
        }
        catch (PipelineFileException e)
        {
            throw new RefusedException(e.Message);
        }
    }

    private static void RequireReadable(PipelineRunState run)
    {
        try
        {
            Read(run.Definition);
        }
        catch (RefusedException e)
        {
            throw new RefusedException($"Run {run.Number} of {run.Pipeline} can't be gone on with: the definition that it began with can't be read any more. {e.Message} Mend the file, register it, and begin another run.");
        }
    }

    private static ScheduleDefinition? Schedule(string definition)
    {
        try
        {
            return PipelineFile.Read(definition).Schedule;
        }
        catch (PipelineFileException)
        {
            // One that an earlier LipSol took, or whose time zone is gone.
            return null;
        }
    }

    private static void CheckGate(StepDefinition gate)
    {
        try
        {
            GatePolicy policy = GateWork.PolicyOf(gate);
            PolicyCheck.Read(policy);
        }
        catch (RefusedException e)
        {
            throw new RefusedException($"Step '{gate.Name}': {e.Message}");
        }
    }

    private void RequireExists()
    {
        if (!Exists) throw new RefusedException($"There's no pipeline {Name}. `lipsol pipeline list` names them all.");
    }

    private PipelineRecord? Record() => !Exists ? null : new PipelineRecord
    {
        Name = Name,
        DefinitionVersion = Newest.Version,
        Definition = Newest.Text,
        RegisteredAt = Newest.At,
        By = Newest.By,
        Paused = State.Paused,
        Next = NextTime(),
        Running = State.Current?.Number,
        Waiting = [.. State.Waiting.Select(w => w.Number)],
        LastNumber = State.LastNumber,
        Last = State.History.FindLast(h => h.Number > 0),
    };

    private IPipelineRunGrain Run(int number) => GrainFactory.GetGrain<IPipelineRunGrain>($"{Name}/{number}");

    internal static string Word<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();

    private void Note(PipelineRunSummary entry) => State.History = [.. State.History.Where(h => entry.Number == 0 || h.Number != entry.Number).TakeLast(EntriesKept - 1), entry];

    private async Task WriteAsync()
    {
        try
        {
            await state.WriteStateAsync();
        }
        catch
        {
            // Memory is ahead of the store now: begin again from what is written.
            DeactivateOnIdle();
            throw;
        }
    }
}
