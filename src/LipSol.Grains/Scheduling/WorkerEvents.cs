using System.Diagnostics;
using LipSol.Contracts.Runs;
using LipSol.Grains.Ports;
using Microsoft.Extensions.Logging;

namespace LipSol.Grains.Scheduling;

/// <summary>Takes what a worker reports to its run's record, under the lease's epoch. A worker whose lease is over is killed.</summary>
internal sealed class WorkerEvents(IRunGrain run, string runId, long epoch, IWorkerHost workers, ILogger logger) : IWorkerEvents
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan EndPatience = TimeSpan.FromMinutes(10);

    public Task MetricsAsync(long batch, List<MetricPoint> points) => UnderLeaseAsync(() => run.AppendMetricsAsync(epoch, batch, points));

    public Task CheckpointAsync(Checkpoint checkpoint) => UnderLeaseAsync(() => run.RecordCheckpointAsync(epoch, checkpoint));

    public Task ArtifactAsync(string name, string artifact) => UnderLeaseAsync(() => run.RecordArtifactAsync(epoch, name, artifact));

    public Task HeartbeatAsync(WorkerHeartbeat heartbeat) => UnderLeaseAsync(() => run.HeartbeatAsync(epoch, heartbeat));

    // An end that can't be told is found by the scheduler, which asks for the worker and hears that it's gone, but not what it left: a disk that is full for a while must not cost a finished run.
    public async Task EndedAsync(AttemptEnd end)
    {
        long since = Stopwatch.GetTimestamp();
        for (TimeSpan wait = TimeSpan.FromMilliseconds(400); ; wait = wait * 2 < LongestWait ? wait * 2 : LongestWait)
        {
            try
            {
                await run.EndAttemptAsync(epoch, end);
                return;
            }
            catch (Exception e) when (e is not RefusedException && Stopwatch.GetElapsedTime(since) < EndPatience)
            {
                logger.LogWarning("The end of run {Run}, epoch {Epoch}, couldn't be told; it's tried again in {Wait} s: {Reason}", runId, epoch, wait.TotalSeconds, e.Message);
                await Task.Delay(wait);
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
