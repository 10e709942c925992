using LipSol.Contracts.Runs;
using LipSol.Contracts.Scheduling;
using LipSol.Grains.Nodes;
using LipSol.Grains.Ports;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;

namespace LipSol.Grains.Scheduling;

/// <summary>Starts and stops a run's worker on this node. What the worker reports goes straight to the run's record, so this activation may come and go while the process lives.</summary>
[GrainType("run-activity"), OnNodeOfKey, Reentrant]
internal sealed class RunActivityGrain(IWorkerHost workers, GrainsOptions options, ILogger<RunActivityGrain> logger) : Grain, IRunActivityGrain
{
    private long _starting;
    private (long Epoch, string? InterruptedBecause)? _stopOnceStarted;

    private string RunId => NodePlacement.Split(this.GetPrimaryKeyString()).Name;

    public Task StartAsync(Lease lease, Slot slot)
    {
        if (_starting != lease.Epoch && !workers.IsRunning(RunId, lease.Epoch))
        {
            _starting = lease.Epoch;
            // A worker needs seconds to start, and a grain call has only so many.
            _ = LaunchAsync(lease, slot);
        }
        return Task.CompletedTask;
    }

    public Task StopAsync(long epoch, string reason) => EndAsync(epoch, reason, null);

    public Task InterruptAsync(long epoch, string reason) => EndAsync(epoch, reason, reason);

    public Task<bool> HoldsAsync(long epoch) => Task.FromResult(_starting == epoch || workers.IsRunning(RunId, epoch));

    private async Task LaunchAsync(Lease lease, Slot slot)
    {
        IRunGrain run = GrainFactory.GetGrain<IRunGrain>(RunId);
        var events = new WorkerEvents(run, RunId, lease.Epoch, workers, logger);
        try
        {
            RunRecord record = await run.GetAsync() ?? throw new RefusedException($"There's no run {RunId}.");
            Checkpoint? checkpoint = record.Attempts.Find(a => a.Epoch == lease.Epoch)?.ResumedFrom;
            await workers.StartAsync(new WorkerStart(RunId, lease.Epoch, record.Spec, checkpoint, slot.Device, record.Threads > 0 ? record.Threads : slot.Threads), events, CancellationToken.None);
            if (_stopOnceStarted is var (epoch, interruptedBecause) && epoch == lease.Epoch) _ = EndWorkerAsync(epoch, interruptedBecause);
        }
        catch (OperationCanceledException) when (_stopOnceStarted is var (epoch, interruptedBecause) && epoch == lease.Epoch)
        {
            await events.EndedAsync(interruptedBecause is null ? new AttemptEnd(RunStatus.Stopped, "stopped before it began to train", null) : new AttemptEnd(RunStatus.Interrupted, interruptedBecause, null));
        }
        catch (RefusedException e)
        {
            // Another attempt would end the same way.
            await events.EndedAsync(new AttemptEnd(RunStatus.Failed, e.Message, null, BadInput: true));
        }
        catch (Exception e)
        {
            logger.LogWarning(e, "The worker of run {Run} couldn't be started.", RunId);
            await events.EndedAsync(new AttemptEnd(RunStatus.Interrupted, $"Its worker couldn't be started: {e.Message}", null));
        }
        finally
        {
            if (_starting == lease.Epoch) _starting = 0;
        }
    }

    private Task EndAsync(long epoch, string reason, string? interruptedBecause)
    {
        logger.LogInformation("Run {Run} is asked to end here: {Reason}", RunId, reason);
        if (_starting == epoch) _stopOnceStarted = (epoch, interruptedBecause);
        // One whose inputs are still fetched starts no more.
        _ = EndWorkerAsync(epoch, interruptedBecause);
        return Task.CompletedTask;
    }

    private async Task EndWorkerAsync(long epoch, string? interruptedBecause)
    {
        try
        {
            if (interruptedBecause is null) await workers.StopAsync(RunId, epoch, options.StopGrace);
            else await workers.InterruptAsync(RunId, epoch, interruptedBecause, options.StopGrace);
        }
        catch (Exception e)
        {
            logger.LogError(e, "The worker of run {Run} couldn't be stopped.", RunId);
        }
    }
}
