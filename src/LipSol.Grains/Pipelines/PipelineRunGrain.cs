using LipSol.Contracts.Pipelines;
using LipSol.Contracts.Runs;
using LipSol.Grains.Pipelines.Steps;
using LipSol.Grains.Ports;
using LipSol.Pipelines;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LipSol.Grains.Pipelines;

/// <summary>A run of a pipeline: writes down what <see cref="PipelineMachine"/> says, then does what it asks for. What was under way when a silo died is asked for again by whoever wakes the run.</summary>
[GrainType("pipeline-run")]
internal sealed partial class PipelineRunGrain(
    [PersistentState("pipeline-run")] IPersistentState<PipelineRunGrainState> state,
    IEnumerable<IStepWork> works,
    INoticeSender notices,
    PipelinesOptions options,
    [FromKeyedServices(LipSolGrainsExtensions.Clock)] TimeProvider time,
    ILogger<PipelineRunGrain> logger) : Grain, IPipelineRunGrain, IRemindable
{
    private const string Reminder = "alive";
    private static readonly TimeSpan ReminderPeriod = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _turns = new(1);
    private readonly CancellationTokenSource _deactivated = new();
    private readonly Dictionary<(string Step, int Try), (CancellationTokenSource Cancel, TaskCompletionSource Ended)> _underWay = [];
    private readonly Dictionary<string, string> _progress = [];
    private readonly HashSet<string> _sending = [];
    private PipelineRunState? _run;
    private string? _written;
    private PipelineDefinition _definition = null!;
    private string? _unreadable;
    private IGrainTimer? _timer;

    private IPipelineGrain Pipeline => GrainFactory.GetGrain<IPipelineGrain>(_run!.Pipeline);

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (state.State.Run is not { } kept) return;
        PipelineRunState run = PipelineRunState.FromJson(_written = kept);
        Adopt(run);
        if (!ReferenceEquals(_run, run)) await WriteAsync(_run!);
        await TellAsync(new Recovered());
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => _deactivated.CancelAsync();

    public async Task BeginAsync(PipelineRunRequest request)
    {
        if (_run is not null) return;
        PipelineDefinition definition = Read(request.Definition, out string? unreadable) ?? throw new RefusedException(unreadable!);
        Adopt(PipelineMachine.New(new PipelineRunState
        {
            Pipeline = request.Pipeline,
            Number = request.Number,
            DefinitionVersion = request.DefinitionVersion,
            Definition = request.Definition,
            Trigger = Enum.Parse<PipelineTrigger>(request.Trigger, ignoreCase: true),
            By = request.By,
            For = request.For,
            Day = request.Day,
            CreatedAt = time.GetUtcNow(),
            Steps = [],
        }, definition));
        try
        {
            // Before it's written down: a run that is there is always woken.
            await this.RegisterOrUpdateReminder(Reminder, ReminderPeriod, ReminderPeriod);
            await TellAsync(new Begun());
        }
        catch
        {
            _run = null;
            throw;
        }
    }

    public Task<PipelineRunRecord?> GetAsync() => Task.FromResult(_written is { } kept && _run is not null ? new PipelineRunRecord(kept, new(_progress)) : null);

    public Task CancelAsync(string reason) => TellAsync(new CancelAsked(reason));

    public async Task ResumeAsync()
    {
        if (_run is null) throw new RefusedException("There's no such run.");
        if (_unreadable is { } why) throw new RefusedException(why);
        await this.RegisterOrUpdateReminder(Reminder, ReminderPeriod, ReminderPeriod);
        await TellAsync(new ResumeAsked());
    }

    public Task WakeAsync() => ReceiveReminder(Reminder, default);

    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        if (_run is { IsQuiet: false }) await TellAsync(new Ticked());
        else if (await this.GetReminder(Reminder) is { } reminder) await this.UnregisterReminder(reminder);
    }

    internal static PipelineRunSummary SummaryOf(PipelineRunState run) => new()
    {
        Number = run.Number,
        Trigger = PipelineGrain.Word(run.Trigger),
        For = run.For,
        Status = PipelineGrain.Word(run.Status),
        StartedAt = run.CreatedAt,
        EndedAt = run.EndedAt,
        DefinitionVersion = run.DefinitionVersion,
        By = run.By,
        Note = RunNotes.Of(run),
        Done = run.Steps.Count(s => s.Status == StepStatus.Done),
        Cached = run.Steps.Count(s => s.Status == StepStatus.Cached),
        Failed = run.Steps.Count(s => s.Status == StepStatus.Failed),
    };

    private static PipelineDefinition? Read(string definition, out string? unreadable)
    {
        try
        {
            unreadable = null;
            return PipelineFile.Read(definition);
        }
        catch (PipelineFileException e)
        {
            // One that an earlier LipSol took, or whose time zone is gone.
            unreadable = $"The definition that it began with can't be read any more: {e.Message} Mend the file, register it, and begin another run.";
            return null;
        }
    }

    private void Adopt(PipelineRunState run)
    {
        PipelineDefinition? definition = Read(run.Definition, out _unreadable);
        _definition = definition ?? PipelineDefinition.Remains(run);
        _run = definition is null ? PipelineMachine.Unreadable(run, _unreadable!, time.GetUtcNow()) : run;
        // It keeps the run in memory as long as there's something to do, and looks at what is late.
        _timer ??= this.RegisterGrainTimer(static (self, _) => self.TickAsync(), this, new GrainTimerCreationOptions(options.Tick, options.Tick) { Interleave = true, KeepAlive = true });
    }

    private async Task TickAsync()
    {
        if (_run is null or { IsQuiet: true })
        {
            _timer?.Dispose();
            _timer = null;
            return;
        }
        await TellAsync(new Ticked());
    }

    // One event after another: each is written down before what follows from it is done.
    private async Task TellAsync(PipelineEvent e)
    {
        Transition after;
        await _turns.WaitAsync();
        try
        {
            if (_run is null) return;
            after = PipelineMachine.Apply(_run, _definition, e, time.GetUtcNow(), Random.Shared.NextDouble());
            if (!ReferenceEquals(after.Run, _run)) await WriteAsync(after.Run);
        }
        finally
        {
            _turns.Release();
        }
        if (_run is { IsQuiet: false }) Adopt(_run);
        foreach (PipelineCommand command in after.Commands) Do(command);
    }

    private async Task WriteAsync(PipelineRunState run)
    {
        string? before = state.State.Run;
        state.State.Run = run.ToJson();
        try
        {
            await state.WriteStateAsync();
        }
        catch
        {
            // Begin again from what is written.
            state.State.Run = before;
            DeactivateOnIdle();
            throw;
        }
        (_run, _written) = (run, state.State.Run);
    }
}
