using LipSol.Contracts.Runs;

namespace LipSol.Contracts.Scheduling;

/// <summary>Leases slots to queued runs: priority, then first come; never two live leases on a slot. Key: 0.</summary>
[Alias("lipsol.ISchedulerGrain")]
public interface ISchedulerGrain : IGrainWithIntegerKey
{
    /// <summary>Puts a run in the queue; repeatable. <paramref name="needs"/>: null where any slot will do.</summary>
    [Alias("Enqueue")] Task EnqueueAsync(string runId, int priority, RunNeeds? needs);
    /// <summary>Takes a run out of the queue (epoch 0), or ends the lease of this epoch.</summary>
    [Alias("Release")] Task ReleaseAsync(string runId, long epoch);
    /// <summary>Asks the worker that holds this lease to stop. The lease ends when the worker has.</summary>
    [Alias("Stop")] Task StopAsync(string runId, long epoch, string reason);
    /// <summary>
    /// A node starts, or renews (every few seconds; a node that isn't heard of for <c>NodeTimeout</c> loses its leases).
    /// Another incarnation than before means that the node was started anew: the leases of the old one end, and their runs go on from their last checkpoint.
    /// Returns the leases that the node holds now: a worker of any other lease is to be stopped.
    /// </summary>
    [Alias("RegisterNode")] Task<List<Lease>> RegisterNodeAsync(NodeRegistration node);
    /// <summary>A node is about to leave: it gets no more leases; those it holds end with their workers, and their runs go on elsewhere. To be called before the workers are stopped. Repeatable.</summary>
    [Alias("UnregisterNode")] Task UnregisterNodeAsync(string name, string incarnation);
    /// <summary>The node gets no more runs, and those it has write a checkpoint and go on elsewhere. Holds until <see cref="UndrainAsync"/>, whatever restarts. Repeatable.</summary>
    /// <exception cref="RefusedException">There's no such node.</exception>
    [Alias("Drain")] Task DrainAsync(string node);
    /// <summary>The node gets runs again. Repeatable.</summary>
    [Alias("Undrain")] Task UndrainAsync(string node);
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
    /// <summary>As <see cref="StopAsync"/>, but the run goes on elsewhere: its end here is an interruption.</summary>
    [Alias("Interrupt")] Task InterruptAsync(long epoch, string reason);
    /// <summary>Whether a worker of this lease starts or runs here.</summary>
    [Alias("Holds")] Task<bool> HoldsAsync(long epoch);
}

/// <summary>A node and what it gives to runs.</summary>
[GenerateSerializer, Alias("lipsol.NodeRegistration"), Immutable]
public sealed record NodeRegistration([property: Id(0)] string Name, [property: Id(1)] List<Slot> Slots, [property: Id(2)] string Incarnation)
{
    /// <summary>What a run may ask for by name.</summary>
    [Id(3)] public List<string> Labels { get; init; } = [];
    /// <summary>Main memory for its runs together, in bytes; 0 where it isn't known.</summary>
    [Id(4)] public long Memory { get; init; }
    /// <summary>Another program started the node for itself: what its runs leave behind waits for someone to resume it, since that program may be gone for good.</summary>
    [Id(5)] public bool Owned { get; init; }
    /// <summary>Version of LipSol.</summary>
    [Id(6)] public string Version { get; init; } = "";
    /// <summary>When the node started.</summary>
    [Id(7)] public DateTimeOffset? UpSince { get; init; }
    /// <summary>Its disk has no room for a run's work: it's given no further one.</summary>
    [Id(8)] public bool DiskFull { get; init; }
    /// <summary>It trains networks that people wrote: its machine can confine them, and nobody has switched them off.</summary>
    [Id(9)] public bool Confines { get; init; }
}

/// <summary>One GPU, or one CPU share on a node without.</summary>
[GenerateSerializer, Alias("lipsol.Slot"), Immutable]
public sealed record Slot([property: Id(0)] int Index, [property: Id(1)] string Device, [property: Id(2)] int Threads)
{
    /// <summary>The GPU's name; null for a CPU share.</summary>
    [Id(3)] public string? Name { get; init; }
    /// <summary>The GPU's memory in bytes; 0 for a CPU share, or where it isn't known.</summary>
    [Id(4)] public long Memory { get; init; }
}

/// <summary>A run's hold on a slot.</summary>
[GenerateSerializer, Alias("lipsol.Lease"), Immutable]
public sealed record Lease([property: Id(0)] string RunId, [property: Id(1)] long Epoch, [property: Id(2)] string Node, [property: Id(3)] int Slot, [property: Id(4)] DateTimeOffset Since)
{
    /// <summary>Main memory that the run asked for, in bytes.</summary>
    [Id(5)] public long Memory { get; init; }
    /// <summary>The node is <see cref="NodeRegistration.Owned"/>: when it's gone the run waits for someone to resume it.</summary>
    [Id(6)] public bool NodeIsOwned { get; init; }
}

/// <summary>A run that waits.</summary>
[GenerateSerializer, Alias("lipsol.QueuedRun"), Immutable]
public sealed record QueuedRun([property: Id(0)] string RunId, [property: Id(1)] int Priority, [property: Id(2)] string Waits);

/// <summary>The scheduler's state.</summary>
[GenerateSerializer, Alias("lipsol.SchedulerView"), Immutable]
public sealed record SchedulerView([property: Id(0)] List<NodeRegistration> Nodes, [property: Id(1)] List<Lease> Leases, [property: Id(2)] List<QueuedRun> Queue)
{
    /// <summary>Nodes that get no more runs.</summary>
    [Id(3)] public List<string> Draining { get; init; } = [];
    /// <summary>When each node was last heard of.</summary>
    [Id(4)] public Dictionary<string, DateTimeOffset> HeardOf { get; init; } = [];
}
