using System.Runtime.CompilerServices;
using LipSol.Contracts.Runs;
using LipSol.Contracts.Scheduling;
using LipSol.Contracts.Searches;
using LipSol.Grains.Ports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LipSol.Grains.Runs;

/// <summary>The durable record of one run. Points go to the metric store; the record is written at every change of status and, for summaries and signs of life, every few seconds.</summary>
[GrainType("run")]
internal sealed partial class RunGrain(
    [PersistentState("run")] IPersistentState<RunState> state,
    IMetricStore metrics,
    IRunIndex index,
    IArtifactRemover remover,
    [FromKeyedServices(LipSolGrainsExtensions.Clock)] TimeProvider time,
    GrainsOptions options,
    ILogger<RunGrain> logger) : Grain, IRunGrain
{
    private const int AttemptsKept = 100;
    private const int PointsInOneEvent = 2000;

    private readonly RunFeed _feed = new();
    private IGrainTimer? _laterWrite;
    private long _indexed;

    private string Id => this.GetPrimaryKeyString();
    private ISchedulerGrain Scheduler => GrainFactory.GetGrain<ISchedulerGrain>(0);

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (state.State.Record is null) return;
        await CatchUpAsync(cancellationToken);
        if (state.State.Unneeded is not null) RemoveLater(TimeSpan.Zero);
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (_laterWrite is not null) await WriteAsync();
    }

    public async Task CreateAsync(RunSpec spec)
    {
        RunRules.Check(spec);
        if (state.State.Record is null)
        {
            state.State.Record = new RunRecord { Id = Id, Spec = spec, Status = RunStatus.Queued, CreatedAt = time.GetUtcNow(), Tags = new(spec.Tags) };
            await WriteAsync();
            RunSignals.Became(RunStatus.Queued);
        }
        if (state.State.Record.Status == RunStatus.Queued) await EnqueueAsync(spec);
    }

    public Task<RunRecord?> GetAsync() => Task.FromResult(state.State.Record);

    public async Task StopAsync(string reason)
    {
        RunRecord record = Record();
        if (record.Status == RunStatus.Queued)
        {
            await WriteAsync(record with { Status = RunStatus.Stopped, Reason = reason, EndedAt = time.GetUtcNow() });
            await Scheduler.ReleaseAsync(Id, 0);
        }
        else if (record.Status == RunStatus.Running)
        {
            state.State.StopReason ??= reason;
            await WriteAsync(record with { Reason = $"stopping: {state.State.StopReason}" });
            await Scheduler.StopAsync(Id, record.Epoch, reason);
        }
    }

    public async Task ResumeAsync()
    {
        RunRecord record = Record();
        if (record.Status == RunStatus.Completed) throw new RefusedException($"Run {Id} is completed: there's nothing to resume. Start a new run.");
        if (record.DeletedAt is not null) throw new RefusedException($"Run {Id} is deleted. Restore it first: `lipsol runs restore {Id}`.");
        if (record.Status == RunStatus.Running) return;
        if (record.Status != RunStatus.Queued)
        {
            state.State.Restarts = 0;
            state.State.StopReason = null;
            await WriteAsync(record with { Status = RunStatus.Queued, Reason = "resumed", EndedAt = null, BadInput = false });
        }
        await EnqueueAsync(record.Spec);
    }

    public Task SetTagsAsync(Dictionary<string, string> tags)
    {
        RunRecord record = Record();
        var all = new Dictionary<string, string>(record.Tags);
        foreach ((string name, string value) in tags) all[name] = value;
        return WriteAsync(record with { Tags = all });
    }

    public Task<List<MetricPoint>> GetMetricsAsync(string? name, int take) => metrics.ReadAsync(Id, name, take, CancellationToken.None);

    public async IAsyncEnumerable<RunEvent> FollowAsync(long cursor, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Record();
        while (true)
        {
            // The status is read before the points: an attempt that is over here has written all its points.
            long version = _feed.Version;
            RunRecord record = Record();
            long reached = _feed.Cursor;
            if (_feed.Since(cursor) is not { } batches)
            {
                StoredPoints stored = await metrics.ReadSinceAsync(Id, cursor, cancellationToken);
                (batches, reached) = (stored.Batches, stored.Cursor);
            }

            var points = new List<MetricPoint>();
            foreach (StoredBatch batch in batches)
            {
                points.AddRange(batch.Points);
                cursor = batch.Cursor;
                if (points.Count < PointsInOneEvent) continue;
                yield return new RunEvent(cursor, record.Status, record.Reason, points, record.Heartbeat);
                points = [];
            }
            cursor = Math.Max(cursor, reached);
            yield return new RunEvent(cursor, record.Status, record.Reason, points, record.Heartbeat);
            if (RunRules.IsOver(record.Status)) yield break;
            await _feed.WaitAsync(version, cancellationToken);
        }
    }

    public async Task<RunAttempt> BeginAttemptAsync(long epoch, string node, int threads)
    {
        RunRecord record = Record();
        if (epoch == record.Epoch && record.Status == RunStatus.Running) return record.Attempts[^1];
        if (epoch <= record.Epoch) throw Stale(epoch, record);
        if (record.Status != RunStatus.Queued) throw new RefusedException($"Run {Id} isn't queued: it is {record.Status}.");

        await metrics.BeginEpochAsync(Id, epoch, CancellationToken.None);
        (state.State.LeaveReason, state.State.WaitsAfterLeaving) = (null, false);
        DateTimeOffset now = time.GetUtcNow();
        var attempt = new RunAttempt(epoch, node, now, null, null, record.Checkpoints.LastOrDefault());
        await WriteAsync(record with
        {
            Status = RunStatus.Running,
            Reason = null,
            Epoch = epoch,
            Node = node,
            StartedAt = record.StartedAt ?? now,
            EndedAt = null,
            Heartbeat = null,
            Threads = record.Threads > 0 ? record.Threads : record.Spec.Threads > 0 ? record.Spec.Threads : threads,
            Attempts = [.. record.Attempts.TakeLast(AttemptsKept - 1), attempt],
        });
        return attempt;
    }

    public async Task AppendMetricsAsync(long epoch, long batch, List<MetricPoint> points)
    {
        Held(epoch);
        RunRules.Check(points);
        AppendedBatch appended = await metrics.AppendAsync(Id, epoch, batch, points, CancellationToken.None);
        if (appended.Repeated && appended.Cursor == _feed.Cursor) return;
        if (!appended.Repeated && appended.Cursor == _feed.Cursor + 1)
        {
            state.State.Record = Record() with { Metrics = Record().Metrics.With(points) };
            _feed.Append(appended.Cursor, points);
        }
        else
        {
            // The store took batches that were never told here: its answer was lost (after which the worker repeats the batch), or another activation appended them.
            await CatchUpAsync(CancellationToken.None);
            _feed.Ring();
        }
        WriteLater();
        if (Record().Spec.Trial is { Metric: { } metric } trial && points.Exists(p => p.Name == metric)) Tell(trial);
    }

    public Task RecordArtifactAsync(long epoch, string name, string artifact)
    {
        RunRecord record = Held(epoch);
        RunRules.CheckArtifact(name, artifact);
        RunRules.CheckOwn(name);
        return record.Kept?.GetValueOrDefault(name) == artifact
            ? Task.CompletedTask
            : WriteAsync(record with { Kept = new(record.Kept ?? []) { [name] = artifact } });
    }

    public async Task SetNotebookAsync(string? origin, string? executed)
    {
        RunRecord record = Record();
        Dictionary<string, string> kept = new(record.Kept ?? []);
        string? known = kept.GetValueOrDefault(NotebookArtifacts.Origin);
        // Where a run came from is said once: nobody makes it another's afterwards.
        if (known is not null && (origin ?? (kept.ContainsKey(NotebookArtifacts.Executed) ? null : known)) != known)
            throw new RefusedException($"Run {Id} keeps which notebook it came from (artifact {NotebookArtifacts.Origin}), and it isn't this one.");
        foreach ((string name, string? artifact) in new[] { (NotebookArtifacts.Origin, origin), (NotebookArtifacts.Executed, executed) })
        {
            if (artifact is null) continue;
            RunRules.CheckArtifact(name, artifact);
            kept[name] = artifact;
        }
        await WriteAsync(record with { Kept = kept });
    }

    public Task HeartbeatAsync(long epoch, WorkerHeartbeat heartbeat)
    {
        state.State.Record = Held(epoch) with { Heartbeat = heartbeat };
        _feed.Ring();
        WriteLater();
        return Task.CompletedTask;
    }

    public async Task EndAttemptAsync(long epoch, AttemptEnd end)
    {
        RunRecord record = Record();
        if (record.Epoch == epoch && record.Status == RunStatus.Running)
        {
            (RunStatus status, string? reason) = RestartPolicy.Decide(end, record.Spec, state.State);
            await EndAsync(record, status, reason, end.Outcome, status == RunStatus.Failed && end.BadInput);
        }
        await Scheduler.ReleaseAsync(Id, epoch);
        if (Record().Status == RunStatus.Queued) await EnqueueAsync(record.Spec);
    }

    public Task NodeLeavesAsync(long epoch, string reason, bool goesOn)
    {
        RunRecord record = Record();
        if (record.Epoch != epoch || record.Status != RunStatus.Running) return Task.CompletedTask;
        (state.State.LeaveReason, state.State.WaitsAfterLeaving) = (reason, !goesOn);
        return WriteAsync();
    }

    public async Task LoseLeaseAsync(long epoch, string reason, bool goesOn)
    {
        RunRecord record = Record();
        if (record.Epoch != epoch || record.Status != RunStatus.Running) return;
        (RunStatus status, string? told) = RestartPolicy.AfterLoss(reason, goesOn, record.Spec, state.State);
        await EndAsync(record, status, told, null);
        if (status == RunStatus.Queued) await EnqueueAsync(record.Spec);
    }

    public async Task ReindexAsync()
    {
        if (state.State.Record is not { } record) return;
        long revision = state.State.Revision;
        await index.PutAsync(record, revision, CancellationToken.None);
        _indexed = revision;
    }

    private async Task EndAsync(RunRecord record, RunStatus status, string? reason, RunOutcome? outcome, bool badInput = false)
    {
        // First the store, so that nothing of this attempt can arrive after its end is known.
        await metrics.EndEpochAsync(Id, record.Epoch, CancellationToken.None);
        await CatchUpAsync(CancellationToken.None);
        record = Record();
        DateTimeOffset now = time.GetUtcNow();
        string told = reason is null ? status.ToString() : $"{status}: {reason}";
        await WriteAsync(record with
        {
            Status = status,
            Reason = reason,
            EndedAt = RunRules.IsOver(status) ? now : null,
            Outcome = outcome ?? record.Outcome,
            BadInput = badInput,
            Attempts = [.. record.Attempts.SkipLast(1), record.Attempts[^1] with { EndedAt = now, Ended = told }],
        });
        // The checkpoint that the attempt went on from may be one of them: it's needed no more. Not now, since the scheduler waits.
        if (state.State.Unneeded is not null) RemoveLater(TimeSpan.Zero);
    }

    // Summaries are written late, so after a crash the store knows more than the record; and a later attempt may have written over an earlier one's points.
    private async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        StoredSummaries stored = await metrics.SummariseAsync(Id, cancellationToken);
        state.State.Record = Record() with { Metrics = stored.Metrics };
        if (stored.Cursor != _feed.Cursor) _feed.StartAt(stored.Cursor);
    }

    // Not awaited: the search looks by itself as well.
    private void Tell(TrialOf trial) => GrainFactory.GetGrain<ISearchGrain>(trial.Search).TrialMovedAsync(Id).Ignore();

    private Task EnqueueAsync(RunSpec spec) => Scheduler.EnqueueAsync(Id, spec.Priority, RunRules.NeedsOf(spec));

    private RunRecord Record() => state.State.Record ?? throw new RefusedException($"There's no run {Id}.");

    private RunRecord Held(long epoch)
    {
        RunRecord record = Record();
        return record.Epoch == epoch && record.Status == RunStatus.Running ? record : throw Stale(epoch, record);
    }

    private StaleLeaseException Stale(long epoch, RunRecord record) =>
        new($"Run {Id}: epoch {epoch} doesn't hold the run (epoch {record.Epoch}, {record.Status}); its worker must end.");

    private async Task WriteAsync(RunRecord record)
    {
        RunStatus? before = state.State.Record?.Status;
        state.State.Record = record;
        await WriteAsync();
        if (record.Status == before) return;
        RunSignals.Became(record.Status);
        if (record.Spec.Trial is { } trial && RunRules.IsOver(record.Status)) Tell(trial);
    }

    private async Task WriteAsync()
    {
        _laterWrite?.Dispose();
        _laterWrite = null;
        state.State.Revision++;
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
        _feed.Ring();
        try
        {
            await ReindexAsync();
        }
        catch (Exception e)
        {
            logger.LogWarning(e, "Run {Run} couldn't be written into the index; it's tried again.", Id);
            WriteLater();
        }
    }

    private void WriteLater() =>
        _laterWrite ??= this.RegisterGrainTimer(static (self, _) => self.WriteAsync(), this, options.SummaryDelay, Timeout.InfiniteTimeSpan);
}
