using LipSol.Contracts.Runs;

namespace LipSol.Grains.Ports;

/// <summary>Owns the worker processes of this node: one a lease. Implemented by the silo.</summary>
public interface IWorkerHost
{
    /// <summary>Starts a worker process for this lease and returns once it has said hello. What happens from then on is told to <paramref name="events"/>, in order; <see cref="IWorkerEvents.EndedAsync"/> is always the last call, whatever ends the process.</summary>
    Task StartAsync(WorkerStart start, IWorkerEvents events, CancellationToken cancellationToken);

    /// <summary>Asks the worker to write a checkpoint and stop; after <paramref name="grace"/> SIGTERM, then SIGKILL. Repeatable; no such worker is no error.</summary>
    Task StopAsync(string runId, long epoch, TimeSpan grace);

    /// <summary>As <see cref="StopAsync"/>, but nobody asked for the run's end: it's told as <see cref="RunStatus.Interrupted"/>, since it goes on elsewhere.</summary>
    Task InterruptAsync(string runId, long epoch, string reason, TimeSpan grace);

    /// <summary>Whether a worker of this lease starts or runs, or its end is still being told.</summary>
    bool IsRunning(string runId, long epoch);
}

/// <summary>What a worker is to do.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Epoch">The lease's epoch.</param>
/// <param name="Spec">The run's spec.</param>
/// <param name="ResumeFrom">The checkpoint to go on from, or null.</param>
/// <param name="Device"><c>cpu</c> or <c>cuda:n</c>.</param>
/// <param name="Threads">Threads of the slot; used where the spec asks for none.</param>
public sealed record WorkerStart(string RunId, long Epoch, RunSpec Spec, Checkpoint? ResumeFrom, string Device, int Threads);

/// <summary>
/// What a worker reports. A metric batch is acknowledged to the worker once <see cref="MetricsAsync"/> returns; where it throws, the batch isn't acknowledged and may be told again.
/// A <see cref="StaleLeaseException"/> from any of them means that the lease is over: the worker is to be killed.
/// </summary>
public interface IWorkerEvents
{
    /// <summary>A numbered batch of metric points; may be repeated with the same number.</summary>
    Task MetricsAsync(long batch, List<MetricPoint> points);
    /// <summary>A checkpoint is in the artifact store.</summary>
    Task CheckpointAsync(Checkpoint checkpoint);
    /// <summary>Something that the run keeps whatever becomes of it is in the artifact store; a later attempt may tell the same name anew.</summary>
    Task ArtifactAsync(string name, string artifact);
    /// <summary>A sign of life.</summary>
    Task HeartbeatAsync(WorkerHeartbeat heartbeat);
    /// <summary>The process is gone; how it ended: <see cref="RunStatus.Completed"/> with the outcome, <see cref="RunStatus.Stopped"/> on request, <see cref="RunStatus.Failed"/> with the worker's own error (it would fail again), <see cref="RunStatus.Interrupted"/> where it crashed, hung or was killed (it may be started again).</summary>
    Task EndedAsync(AttemptEnd end);
}
