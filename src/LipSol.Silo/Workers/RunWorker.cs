using LipSol.Artifacts.Dvc;
using LipSol.Contracts.Runs;
using LipSol.Grains.Ports;
using LipSol.Inference;
using LipSol.WorkerProtocol;

namespace LipSol.Silo.Workers;

/// <summary>One lease's worker: passes what it says on to the run, in order, and tells its end last.</summary>
internal sealed class RunWorker(WorkerStart start, IWorkerEvents events, RunLog log, Obstacles obstacles, TimeProvider time, ILogger logger) : IWorkerSink
{
    private const int LongestPhase = 200, LongestReason = 10_000;
    private static readonly TimeSpan[] Retries = [TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(400), TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(5)];
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private readonly TaskCompletionSource<WorkerProcess?> up = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource givenUp = new();
    private volatile bool interrupted;
    private volatile bool stopAsked;
    private volatile string? leaseOver;
    private volatile string? waitsFor;
    private volatile string? refused;

    /// <summary>Takes over what the worker tells of, which runs code of a person; null where the worker puts it into the node's store itself.</summary>
    public ForeignArtifacts? Foreign { get; init; }

    /// <summary>Nobody waits for the worker any more: what is fetched for it isn't needed.</summary>
    public CancellationToken GivenUp => givenUp.Token;

    public Task Told { get; private set; } = Task.CompletedTask;

    /// <summary>The worker is up: from now on its end will be told.</summary>
    public void Attach(WorkerProcess started, Action over)
    {
        Told = Task.Run(() => TellEndAsync(started, over));
        up.SetResult(started);
    }

    /// <summary>Tells how far the inputs are on their way, as the worker's own heartbeats do later. A lease that is over meanwhile ends it.</summary>
    public async Task FetchAsync(Func<IProgress<TransferProgress>, Task> fetch)
    {
        var latest = new Latest();
        using var over = new CancellationTokenSource();
        var told = TellFetchingAsync(latest, over.Token);
        try
        {
            await fetch(latest);
        }
        finally
        {
            await over.CancelAsync();
            await told;
        }
    }

    private async Task TellFetchingAsync(Latest latest, CancellationToken over)
    {
        try
        {
            while (true)
            {
                await Task.Delay(HeartbeatInterval, time, over);
                var at = latest.Value;
                await OnHeartbeatAsync(new Heartbeat(0, at.TotalBytes > 0 ? at.Bytes / (double)at.TotalBytes : 0, at.TotalBytes > 0 ? $"fetching {at.Bytes / 1e6:0} of {at.TotalBytes / 1e6:0} MB" : "fetching", time.GetUtcNow()));
            }
        }
        catch (OperationCanceledException)
        {
            // All of it is here, or isn't waited for.
        }
        catch (StaleLeaseException)
        {
            await givenUp.CancelAsync();
        }
    }

    /// <summary>The worker didn't come up; nobody waits for its end.</summary>
    public void GiveUp() => up.TrySetResult(null);

    /// <summary>Stops the worker, also one that still starts, and returns once its end is told.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="grace">How long it has until SIGTERM.</param>
    /// <param name="goesOn">Nobody asked for the run's end: it's interrupted, and can go on elsewhere.</param>
    public async Task StopAsync(string reason, TimeSpan grace, bool goesOn = false)
    {
        if (goesOn) interrupted = true;
        else stopAsked = true;
        if (!up.Task.IsCompleted) await givenUp.CancelAsync();
        if (await up.Task is not { } process) return;
        await process.StopAsync(reason, grace);
        await Told;
    }

    /// <summary>Kills the worker at once.</summary>
    public void Kill(string reason)
    {
        if (up.Task is { IsCompletedSuccessfully: true, Result: { } process }) process.Kill(reason);
    }

    public Task OnDataAsync(DataMessage message) => message switch
    {
        MetricBatch batch => PersistAsync(async () =>
        {
            await TakeOverAsync(foreign =>
            {
                foreign.Look(batch.Points.Select(p => p.Name));
                return false;
            });
            await events.MetricsAsync(batch.Batch, [.. batch.Points.Select(p => new MetricPoint(p.Name, p.Step, p.Value, p.Time))]);
        }),
        CheckpointWritten c => PersistAsync(async () =>
        {
            var wasThere = await TakeOverAsync(foreign => foreign.TakeOverCheckpoint(c.Artifact));
            await events.CheckpointAsync(new Checkpoint(c.Artifact, c.Step, c.Epoch, c.Time) { Score = c.Score, WasThere = wasThere });
        }),
        ArtifactKept kept => PersistAsync(async () =>
        {
            await TakeOverAsync(foreign => foreign.TakeOverNamed(kept.Name, kept.Artifact));
            await events.ArtifactAsync(kept.Name, kept.Artifact);
        }),
        JobCompleted { Result: TrainingResult result } => PersistAsync(() => TakeOverAsync(foreign =>
        {
            foreign.TakeOverResult(result, start.Spec, start.RunId);
            return false;
        })),
        _ => Task.CompletedTask,
    };

    public async Task OnHeartbeatAsync(Heartbeat heartbeat)
    {
        try
        {
            await events.HeartbeatAsync(new WorkerHeartbeat(heartbeat.Step, heartbeat.Progress, waitsFor is { } obstacle ? $"waiting: {obstacle}" : ForeignArtifacts.Short(heartbeat.Phase, LongestPhase), heartbeat.Time, up.Task is { IsCompletedSuccessfully: true, Result: { } process } ? process.ProcessId : 0));
        }
        catch (StaleLeaseException e)
        {
            leaseOver = e.Message;
            throw;
        }
        catch (Exception e)
        {
            // The next one comes in a second.
            logger.LogWarning(e, "A heartbeat of run {Run} could not be told", start.RunId);
        }
    }

    public void OnLog(string line) => log.Write(line);

    /// <summary>The worker's lease is over: it's killed at once, and nothing is told of its end.</summary>
    public void EndAsLeaseIsOver(string reason)
    {
        leaseOver = reason;
        if (!up.Task.IsCompleted) givenUp.Cancel();
        Kill("its lease is over");
    }

    // What isn't taken over ends the run: the same code would make it again.
    private Task<bool> TakeOverAsync(Func<ForeignArtifacts, bool> take) => Foreign is null ? Task.FromResult(false) : Task.Run(() =>
    {
        try
        {
            return take(Foreign);
        }
        catch (Exception e) when (IsRefusal(e))
        {
            refused = e.Message;
            throw;
        }
    });

    private static bool IsRefusal(Exception e) => e is ProtocolException or UnusableBundleException;

    /// <summary>Tells something that must not be lost, again where the record can't be written for a moment, and for some minutes where an obstacle is known that passes. The worker gets no acknowledgement, and soon waits, until it's told.</summary>
    private async Task PersistAsync(Func<Task> tell)
    {
        var since = time.GetTimestamp();
        var failures = 0;
        while (true)
        {
            try
            {
                await tell();
                if (waitsFor is { } gone) logger.LogInformation("Run {Run} goes on; it had waited since {Obstacle}", start.RunId, gone);
                waitsFor = null;
                return;
            }
            catch (StaleLeaseException e)
            {
                leaseOver = e.Message;
                throw;
            }
            catch (Exception e) when (leaseOver is null && !IsRefusal(e) && time.GetElapsedTime(since) < Patience && obstacles.Of(e) is { } obstacle)
            {
                if (waitsFor != obstacle) logger.LogError("Run {Run} waits for up to {Minutes} minutes since {Obstacle}", start.RunId, Patience.TotalMinutes, obstacle);
                (waitsFor, failures) = (obstacle, 0);
                await Task.Delay(Interval, time);
            }
            catch (Exception e) when (leaseOver is null && !IsRefusal(e) && failures < Retries.Length && obstacles.Of(e) is null)
            {
                logger.LogWarning(e, "What run {Run} reported could not be recorded; trying again", start.RunId);
                await Task.Delay(Retries[failures++], time);
            }
        }
    }

    private async Task TellEndAsync(WorkerProcess worker, Action over)
    {
        var exit = await worker.Ended;
        log.Write($"[lipsol] the worker ended: {exit.End}{(exit.Reason is null ? "" : $": {exit.Reason}")}");
        log.Dispose();
        var end = new AttemptEnd(StatusOf(exit), exit.Reason is { } said ? ForeignArtifacts.Short(said, LongestReason) : null, OutcomeOf(exit.Result), exit.BadInput || refused is not null);
        try
        {
            if (leaseOver is null) await PersistAsync(() => events.EndedAsync(end));
            else logger.LogInformation("The worker of run {Run} was ended since its lease is over: {Reason}", start.RunId, leaseOver);
        }
        catch (Exception e)
        {
            // The scheduler finds the lease without a worker and reconciles.
            logger.LogError(e, "The end of run {Run} could not be told", start.RunId);
        }
        finally
        {
            over();
        }
    }

    private RunStatus StatusOf(WorkerExit exit) => exit switch
    {
        { End: WorkerEnd.Completed, Result: TrainingResult } => RunStatus.Completed,
        // A SIGTERM from elsewhere stops a worker behind a checkpoint; nobody asked for the run's end.
        { End: WorkerEnd.Stopped } => interrupted || !stopAsked ? RunStatus.Interrupted : RunStatus.Stopped,
        _ when refused is not null => RunStatus.Failed,
        // What leaks is well again for a while after a restart; what never fits fails once it has had all of them.
        { TooMuchMemory: true } => RunStatus.Interrupted,
        { End: WorkerEnd.Failed } => RunStatus.Failed,
        _ => RunStatus.Interrupted,
    };

    private sealed class Latest : IProgress<TransferProgress>
    {
        private readonly Lock gate = new();
        private TransferProgress value;

        public TransferProgress Value
        {
            get
            {
                lock (gate) return value;
            }
        }

        public void Report(TransferProgress progress)
        {
            lock (gate) value = progress;
        }
    }

    private static RunOutcome? OutcomeOf(JobResult? result) => result is not TrainingResult trained ? null : new RunOutcome
    {
        ModelArtifact = trained.ModelArtifact,
        EvaluationArtifact = trained.EvaluationArtifact,
        Figures = trained.Figures.ToDictionary(f => f.Key, f => new Estimate(f.Value.Value, f.Value.Low, f.Value.High, f.Value.Count)),
        OnnxMaxAbsDifference = trained.OnnxMaxAbsDifference,
        Artifacts = trained.Artifacts.ToDictionary(),
    };
}
