using LipSol.Contracts.Runs;
using LipSol.Contracts.Scheduling;

namespace LipSol.Grains.Scheduling;

/// <summary>Who holds what and who waits. Its parts are replaced, never changed: a write may still be reading the former ones.</summary>
[GenerateSerializer, Alias("lipsol.SchedulerState")]
internal sealed class SchedulerState
{
    /// <summary>Nodes and their slots.</summary>
    [Id(0)] public List<NodeRegistration> Nodes { get; set; } = [];

    /// <summary>Live leases; at most one a slot, at most one a run.</summary>
    [Id(1)] public List<Lease> Leases { get; set; } = [];

    /// <summary>Waiting runs, in the order in which they are served.</summary>
    [Id(2)] public List<WaitingRun> Queue { get; set; } = [];

    /// <summary>The last epoch that was given out, to any run.</summary>
    [Id(3)] public long LastEpoch { get; set; }

    /// <summary>The last place in the queue that was given out.</summary>
    [Id(4)] public long LastTicket { get; set; }

    /// <summary>Names of nodes that get no more runs, whether they are up or not.</summary>
    [Id(5)] public List<string> Draining { get; set; } = [];

    /// <summary>Leases that are over and whose runs may not know it yet: until they do, their nodes get nothing.</summary>
    [Id(6)] public List<LostLease> Lost { get; set; } = [];

    public Lease? LeaseOf(string runId) => Leases.Find(l => l.RunId == runId);

    public void Enqueue(string runId, int priority, RunNeeds? needs) =>
        Queue = [.. Queue.Append(new WaitingRun(runId, priority, ++LastTicket, needs)).OrderByDescending(w => w.Priority).ThenBy(w => w.Ticket)];

    public void Dequeue(string runId) => Queue = [.. Queue.Where(w => w.RunId != runId)];

    public void EndLease(Lease lease) => Leases = [.. Leases.Where(l => l != lease)];

    public List<LostLease> Lose(List<Lease> leases, string reason)
    {
        List<LostLease> lost = [.. leases.Select(l => new LostLease(l, reason))];
        (Leases, Lost) = ([.. Leases.Except(leases)], [.. Lost, .. lost]);
        return lost;
    }
}

/// <summary>A run in the queue.</summary>
[GenerateSerializer, Alias("lipsol.WaitingRun"), Immutable]
internal sealed record WaitingRun([property: Id(0)] string RunId, [property: Id(1)] int Priority, [property: Id(2)] long Ticket, [property: Id(3)] RunNeeds? Needs);

/// <summary>A lease that was taken from its run, and why.</summary>
[GenerateSerializer, Alias("lipsol.LostLease"), Immutable]
internal sealed record LostLease([property: Id(0)] Lease Lease, [property: Id(1)] string Reason);
