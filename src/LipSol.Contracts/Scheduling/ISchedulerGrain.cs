namespace LipSol.Contracts.Scheduling;

/// <summary>Leases slots to queued runs: priority, then first come; never two live leases on a slot. Key: 0.</summary>
[Alias("lipsol.ISchedulerGrain")]
public interface ISchedulerGrain : IGrainWithIntegerKey
{
    /// <summary>Puts a run in the queue; repeatable.</summary>
    [Alias("Enqueue")] Task EnqueueAsync(string runId, int priority);
    /// <summary>Takes a run out of the queue or ends its lease.</summary>
    [Alias("Release")] Task ReleaseAsync(string runId, long epoch);
    /// <summary>A node starts or renews: its slots.</summary>
    [Alias("RegisterNode")] Task RegisterNodeAsync(NodeRegistration node);
    /// <summary>The queue, the leases and why runs wait.</summary>
    [Alias("Get")] Task<SchedulerView> GetAsync();
}

/// <summary>The activity that owns a run's worker process on one node. Key: run id. Called by the scheduler alone.</summary>
[Alias("lipsol.IRunActivityGrain")]
public interface IRunActivityGrain : IGrainWithStringKey
{
    /// <summary>Starts the worker for this lease and returns.</summary>
    [Alias("Start")] Task StartAsync(long epoch);
    /// <summary>Asks the worker to stop, then makes it.</summary>
    [Alias("Stop")] Task StopAsync(long epoch, string reason);
}

/// <summary>A node and its slots.</summary>
[GenerateSerializer, Alias("lipsol.NodeRegistration"), Immutable]
public sealed record NodeRegistration([property: Id(0)] string Name, [property: Id(1)] List<Slot> Slots, [property: Id(2)] string Incarnation);

/// <summary>One GPU, or one CPU share on a node without.</summary>
[GenerateSerializer, Alias("lipsol.Slot"), Immutable]
public sealed record Slot([property: Id(0)] int Index, [property: Id(1)] string Device, [property: Id(2)] int Threads);

/// <summary>A run's hold on a slot.</summary>
[GenerateSerializer, Alias("lipsol.Lease"), Immutable]
public sealed record Lease([property: Id(0)] string RunId, [property: Id(1)] long Epoch, [property: Id(2)] string Node, [property: Id(3)] int Slot, [property: Id(4)] DateTimeOffset Since);

/// <summary>A run that waits.</summary>
[GenerateSerializer, Alias("lipsol.QueuedRun"), Immutable]
public sealed record QueuedRun([property: Id(0)] string RunId, [property: Id(1)] int Priority, [property: Id(2)] string Waits);

/// <summary>The scheduler's state.</summary>
[GenerateSerializer, Alias("lipsol.SchedulerView"), Immutable]
public sealed record SchedulerView([property: Id(0)] List<NodeRegistration> Nodes, [property: Id(1)] List<Lease> Leases, [property: Id(2)] List<QueuedRun> Queue);
