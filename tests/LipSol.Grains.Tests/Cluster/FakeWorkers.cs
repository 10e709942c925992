using System.Collections.Concurrent;
using System.Threading.Channels;
using LipSol.Contracts.Runs;
using LipSol.Grains.Ports;

namespace LipSol.Grains.Tests.Cluster;

/// <summary>A worker host without processes: a test waits for a worker to start and then speaks as that worker.</summary>
internal sealed class FakeWorkers : IWorkerHost
{
    private readonly ConcurrentDictionary<(string Run, long Epoch), FakeWorker> _workers = new();
    private readonly ConcurrentDictionary<string, Channel<FakeWorker>> _started = new();

    public Exception? RefuseToStart { get; set; }

    /// <summary>Workers wait for their inputs, and give up starting once they are asked to stop.</summary>
    public bool Fetching { get; set; }

    public IEnumerable<FakeWorker> Alive => _workers.Values.Where(w => w.Alive);

    public int Started { get; private set; }

    public Task StartAsync(WorkerStart start, IWorkerEvents events, CancellationToken cancellationToken)
    {
        if (RefuseToStart is { } refusal) return Task.FromException(refusal);
        var worker = new FakeWorker(start, events);
        _workers[(start.RunId, start.Epoch)] = worker;
        if (Fetching) return GivesUpAsync(worker);
        lock (this) Started++;
        StartedOf(start.RunId).Writer.TryWrite(worker);
        return Task.CompletedTask;
    }

    private async Task GivesUpAsync(FakeWorker worker)
    {
        StartedOf(worker.Start.RunId).Writer.TryWrite(worker);
        await worker.StopAsked;
        worker.Vanish();
        throw new OperationCanceledException();
    }

    public async Task StopAsync(string runId, long epoch, TimeSpan grace)
    {
        if (_workers.TryGetValue((runId, epoch), out FakeWorker? worker)) await worker.StopAsync(grace);
    }

    public Task InterruptAsync(string runId, long epoch, string reason, TimeSpan grace) => StopAsync(runId, epoch, grace);

    public bool IsRunning(string runId, long epoch) => _workers.TryGetValue((runId, epoch), out FakeWorker? worker) && worker.Alive;

    /// <summary>The next worker that starts (or started, and wasn't asked for yet) for this run.</summary>
    public Task<FakeWorker> OfAsync(string runId) => StartedOf(runId).Reader.ReadAsync().AsTask().WaitAsync(Patience.Limit);

    private Channel<FakeWorker> StartedOf(string runId) => _started.GetOrAdd(runId, _ => Channel.CreateUnbounded<FakeWorker>());
}

internal sealed class FakeWorker(WorkerStart start, IWorkerEvents events)
{
    private readonly TaskCompletionSource<TimeSpan> _stopAsked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public WorkerStart Start => start;
    public IWorkerEvents Events => events;
    public bool Alive { get; private set; } = true;
    public long Epoch => start.Epoch;

    /// <summary>Done with the grace given once someone asked the worker to stop.</summary>
    public Task<TimeSpan> StopAsked => _stopAsked.Task.WaitAsync(Patience.Limit);

    public Task StopAsync(TimeSpan grace)
    {
        _stopAsked.TrySetResult(grace);
        if (grace == TimeSpan.Zero) Alive = false;
        return Task.CompletedTask;
    }

    public Task MetricsAsync(long batch, params (string Name, long Step, double Value)[] points) =>
        events.MetricsAsync(batch, [.. points.Select(p => new MetricPoint(p.Name, p.Step, p.Value, DateTimeOffset.UnixEpoch.AddSeconds(p.Step)))]);

    public Task CheckpointAsync(string artifact, long step, double? score = null, bool wasThere = false) => events.CheckpointAsync(new Checkpoint(artifact, step, step / 10.0, DateTimeOffset.UnixEpoch) { Score = score, WasThere = wasThere });

    public Task EndAsync(RunStatus status, string? reason = null, RunOutcome? outcome = null)
    {
        Alive = false;
        return events.EndedAsync(new AttemptEnd(status, reason, outcome));
    }

    /// <summary>Gone without a word, as with its node.</summary>
    public void Vanish() => Alive = false;
}

internal static class Patience
{
    /// <summary>How long a test waits for what must happen before it fails.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
}
