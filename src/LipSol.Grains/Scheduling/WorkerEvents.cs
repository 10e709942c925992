using LipSol.Contracts.Runs;
using LipSol.Grains.Ports;
using Microsoft.Extensions.Logging;

namespace LipSol.Grains.Scheduling;

/// <summary>Takes what a worker reports to its run's record, under the lease's epoch. A worker whose lease is over is killed.</summary>
internal sealed class WorkerEvents(IRunGrain run, string runId, long epoch, IWorkerHost workers, ILogger logger) : IWorkerEvents
{
    private const int EndTries = 5;

    public Task MetricsAsync(long batch, List<MetricPoint> points) => UnderLeaseAsync(() => run.AppendMetricsAsync(epoch, batch, points));

    public Task CheckpointAsync(Checkpoint checkpoint) => UnderLeaseAsync(() => run.RecordCheckpointAsync(epoch, checkpoint));

    public Task HeartbeatAsync(WorkerHeartbeat heartbeat) => UnderLeaseAsync(() => run.HeartbeatAsync(epoch, heartbeat));

    // An end that can't be told is found by the scheduler, which asks for the worker and hears that it's gone; that takes longer, so a few tries are worth it.
    public async Task EndedAsync(AttemptEnd end)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await run.EndAttemptAsync(epoch, end);
                return;
            }
            catch (Exception e) when (e is not RefusedException && attempt < EndTries)
            {
                logger.LogWarning(e, "The end of run {Run}, epoch {Epoch}, couldn't be told; try {Try} of {Tries}.", runId, epoch, attempt, EndTries);
                await Task.Delay(TimeSpan.FromMilliseconds(200 << attempt));
            }
            catch (Exception e)
            {
                logger.LogError(e, "The end of run {Run}, epoch {Epoch}, couldn't be told.", runId, epoch);
                return;
            }
        }
    }

    private async Task UnderLeaseAsync(Func<Task> tell)
    {
        try
        {
            await tell();
        }
        catch (StaleLeaseException)
        {
            _ = workers.StopAsync(runId, epoch, TimeSpan.Zero);
            throw;
        }
    }
}
