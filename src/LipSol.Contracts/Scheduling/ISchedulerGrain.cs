namespace LipSol.Contracts.Scheduling;

/// <summary>Leases slots to queued runs: priority, then first come; never two live leases on a slot. Key: 0.</summary>
[Alias("lipsol.ISchedulerGrain")]
public interface ISchedulerGrain : IGrainWithIntegerKey
{
    /// <summary>Puts a run in the queue; repeatable.</summary>
    [Alias("Enqueue")] Task EnqueueAsync(string runId, int priority);
    /// <summary>Takes a run out of the queue (epoch 0), or ends the lease of this epoch.</summary>
    [Alias("Release")] Task ReleaseAsync(string runId, long epoch);
    /// <summary>Asks the worker that holds this lease to stop. The lease ends when the worker has.</summary>
    [Alias("Stop")] Task StopAsync(string runId, long epoch, string reason);
    /// <summary>
    /// A node starts, or renews (every few seconds; a node that isn't heard of for <c>NodeTimeout</c> loses its leases).
    /// Another incarnation than before means that the node was started anew: the leases of the old one end and their runs become interrupted.
    /// Returns the leases that the node holds now: a worker of any other lease is to be stopped.
    /// </summary>
    [Alias("RegisterNode")] Task<List<Lease>> RegisterNodeAsync(NodeRegistration node);
    /// <summary>A node is about to leave: it gets no more leases; those it holds end with their workers, and their runs become interrupted. To be called before the workers are stopped. Repeatable.</summary>
    [Alias("UnregisterNode")] Task UnregisterNodeAsync(string name, string incarnation);
    /// <summary>The queue, the leases and why runs wait.</summary>
    [Alias("Get")] Task<SchedulerView> GetAsync();
    /// <summary>Compares the state with nodes, runs and workers, mends what differs, and leases what can be leased. The grain does so by itself from time to time; repeatable.</summary>
    [Alias("Reconcile")] Task ReconcileAsync();
}

/// <summary>The activity that owns a run's worker process on one node. Key: <c>run@node</c>; it lives on that node or not at all. Called by the scheduler alone.</summary>
[Alias("lipsol.IRunActivityGrain")]
public interface IRunActivityGrain : IGrainWithStringKey
{
    /// <summary>Starts the worker for this lease and returns without waiting for it. Repeatable.</summary>
    [Alias("Start")] Task StartAsync(Lease lease, Slot slot);
    /// <summary>Asks the worker to stop, then makes it; returns without waiting for it.</summary>
    [Alias("Stop")] Task StopAsync(long epoch, string reason);
    /// <summary>Whether a worker of this lease starts or runs here.</summary>
    [Alias("Holds")] Task<bool> HoldsAsync(long epoch);
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
