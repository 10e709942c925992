using LipSol.Contracts.Networks;
using LipSol.Contracts.Runs;
using LipSol.Contracts.Scheduling;
using LipSol.Contracts.Searches;
using LipSol.Grains.Ports;
using LipSol.Search;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LipSol.Grains.Searches;

/// <summary>
/// A search. What it decides is written down before anyone hears of it: a trial with its run's id before the run is started, the end of a trial before its run is stopped. Whenever it dies, what is written is compared with the runs,
/// and what is missing is done: nothing is done twice, since a run's id follows from the trial's number. A reminder wakes it after a restart; its runs' ends and a timer while it goes on.
/// </summary>
[GrainType("search")]
internal sealed partial class SearchGrain(
    [PersistentState("search")] IPersistentState<SearchState> state,
    IMetricStore metrics,
    [FromKeyedServices(LipSolGrainsExtensions.Clock)] TimeProvider time,
    GrainsOptions options,
    ILogger<SearchGrain> logger) : Grain, ISearchGrain, IRemindable
{
    private const string Reminder = "go-on";
    private const int RequestsKept = 100;
    private static readonly TimeSpan ReminderPeriod = TimeSpan.FromMinutes(1);

    private SearchDefinition? _definition;
    private Sampler? _sampler;
    private IGrainTimer? _timer;

    // What callers are told: what is written, and the running trials' latest values.
    private SearchRecord? _shown;

    private string Name => this.GetPrimaryKeyString();
    private ISchedulerGrain Scheduler => GrainFactory.GetGrain<ISchedulerGrain>(0);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (state.State.Record is { } record) Prepare(record);
        return Task.CompletedTask;
    }

    public Task ReceiveReminder(string reminderName, TickStatus status) => ReconcileAsync();

    public async Task<SearchRecord> StartAsync(SearchRequest request)
    {
        SearchDefinition definition = SearchRules.Read(request.Definition);
        if (definition.Name != Name) throw new RefusedException($"The definition is of the search {definition.Name}, not of {Name}.");
        if (state.State.Record is { } there)
        {
            if (there.Definition.Trim() != request.Definition.Trim())
                throw new RefusedException($"There's a search {Name} already, with another definition. Give this one another `name`; `lipsol sweep add {Name} 20` gives that one more trials.");
            if (there.Template.DataHash != request.Template.DataHash)
                throw new RefusedException($"The search {Name} is over {there.Template.Corpus} as it was (data {there.Template.DataHash}); now it's {request.Template.DataHash}. Trials on different data can't be compared: give this search another `name`.");
            await ReconcileAsync();
            return Shown();
        }
        int target = definition.Trials ?? definition.Space.Grid().Take(SearchSpace.MostTrials).Count();
        // First what finds it again: a name without a search is passed over, a reminder without one goes away.
        await GrainFactory.GetGrain<ISearchRegistryGrain>(0).AddAsync(Name);
        await RemindAsync();
        // Those that its trials may name: as the network that all of them train, or as one of those that are searched over.
        Dictionary<string, string> sources = (await GrainFactory.GetGrain<INetworkCatalogGrain>(0).ListAsync())
            .Where(n => n.Name == request.Template.Network || request.Definition.Contains(n.Name, StringComparison.Ordinal)).ToDictionary(n => n.Name, n => n.Source);
        var record = new SearchRecord
        {
            Name = Name,
            Definition = request.Definition,
            Template = request.Template with { Experiment = Name, Name = Name, NetworkSource = sources.GetValueOrDefault(request.Template.Network) },
            Sources = sources,
            Target = target,
            CreatedAt = time.GetUtcNow(),
        };
        await WriteAsync(record);
        Prepare(record);
        await ReconcileAsync();
        return Shown();
    }

    public Task<SearchRecord?> GetAsync() => Task.FromResult(_shown);

    public async Task<SearchRecord> PauseAsync(string reason)
    {
        SearchRecord record = Record();
        if (record.Status == SearchStatus.Paused) return Shown();
        if (SearchRules.IsOver(record.Status)) throw new RefusedException($"The search {Name} is over ({Word(record.Status)}): there's nothing to pause.");
        await WriteAsync(record with { Status = SearchStatus.Paused, Reason = reason });
        return Shown();
    }

    public async Task<SearchRecord> ResumeAsync()
    {
        SearchRecord record = Record();
        if (record.Status == SearchStatus.Completed) throw new RefusedException($"All trials of {Name} are over. `lipsol sweep add {Name} 20` gives it more.");
        if (record.Status != SearchStatus.Running)
        {
            // Runs that their node left behind wait for someone: first they, so that a search that goes on has none of them.
            foreach (TrialRecord trial in record.Trials.Where(t => t.Status == TrialStatus.Running && t.Stopping is null))
                if (await Run(trial).GetAsync() is { Status: RunStatus.Interrupted }) await Run(trial).ResumeAsync();
            await RemindAsync();
            await WriteAsync(record with { Status = SearchStatus.Running, Reason = null, EndedAt = null, ForgivenUpTo = record.Trials.Count });
            Prepare(record);
        }
        await ReconcileAsync();
        return Shown();
    }

    public async Task<SearchRecord> AddTrialsAsync(int count, string requestId = "")
    {
        SearchRecord record = Record();
        if (requestId.Length > 0 && state.State.Requests.Contains(requestId))
        {
            await ReconcileAsync();
            return Shown();
        }
        if (count < 1) throw new RefusedException($"{count} trials can't be added: give 1 or more.");
        if ((long)record.Target + count > SearchSpace.MostTrials) throw new RefusedException($"The search {Name} would have {(long)record.Target + count} trials: at most {SearchSpace.MostTrials}.");
        if (SearchRules.Next(record, _sampler!, time.GetUtcNow()) is null) throw new RefusedException($"Every configuration of {Name} has been tried: there's nothing to add. Start another search with a wider space.");
        bool goesOn = record.Status == SearchStatus.Completed;
        if (goesOn) await RemindAsync();
        if (requestId.Length > 0) state.State.Requests = [.. state.State.Requests.TakeLast(RequestsKept - 1), requestId];
        await WriteAsync(record with { Target = record.Target + count, Status = goesOn ? SearchStatus.Running : record.Status, Reason = goesOn ? null : record.Reason, EndedAt = goesOn ? null : record.EndedAt });
        Prepare(record);
        await ReconcileAsync();
        return Shown();
    }

    public async Task<SearchRecord> StopAsync(string reason)
    {
        SearchRecord record = Record();
        if (!SearchRules.IsOver(record.Status)) await WriteAsync(Ended(record, SearchStatus.Stopped, reason));
        await ReconcileAsync();
        return Shown();
    }

    public Task TrialMovedAsync(string runId) => ReconcileAsync();

    private static string Word(SearchStatus status) => status.ToString().ToLowerInvariant();

    private SearchRecord Record() => state.State.Record ?? throw new RefusedException($"There's no search {Name}.");

    private SearchRecord Shown() => _shown ?? Record();

    private IRunGrain Run(TrialRecord trial) => GrainFactory.GetGrain<IRunGrain>(trial.RunId);

    private SearchRecord Ended(SearchRecord record, SearchStatus status, string? reason) => record with
    {
        Status = status,
        Reason = reason,
        EndedAt = time.GetUtcNow(),
        // What still runs is stopped; that it's to be is written with the search's end.
        Trials = [.. record.Trials.Select(t => t.Status == TrialStatus.Running ? t with { Stopping = t.Stopping ?? (status == SearchStatus.Stopped ? $"the search was stopped: {reason}" : "the search gave up") } : t)],
    };

    private void Prepare(SearchRecord record)
    {
        _definition ??= SearchRules.Read(record.Definition);
        _sampler ??= Sampler.Of(_definition);
        _shown ??= record;
        if (HasWork(state.State.Record!)) _timer ??= this.RegisterGrainTimer(static (self, _) => self.TickAsync(), this, new GrainTimerCreationOptions(options.SearchPeriod, options.SearchPeriod) { KeepAlive = true });
    }

    private static bool HasWork(SearchRecord record) => record.Status == SearchStatus.Running || record.Trials.Exists(t => t.Status == TrialStatus.Running);

    private async Task TickAsync()
    {
        try
        {
            await ReconcileAsync();
        }
        catch (Exception e)
        {
            logger.LogWarning(e, "The search {Search} couldn't look after its trials; it's tried again.", Name);
        }
    }

    // It wakes the grain after a restart, where nothing else would.
    private async Task RemindAsync()
    {
        if (await this.GetReminder(Reminder) is null) await this.RegisterOrUpdateReminder(Reminder, ReminderPeriod, ReminderPeriod);
    }

    private async Task RestAsync()
    {
        _timer?.Dispose();
        _timer = null;
        if (await this.GetReminder(Reminder) is { } reminder) await this.UnregisterReminder(reminder);
    }

    private async Task WriteAsync(SearchRecord record)
    {
        record = SearchRules.WithBest(record, (_definition ??= SearchRules.Read(record.Definition)).Maximise) with { Revision = Math.Max(record.Revision, _shown?.Revision ?? 0) + 1 };
        state.State.Record = record;
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
        _shown = record;
    }
}
