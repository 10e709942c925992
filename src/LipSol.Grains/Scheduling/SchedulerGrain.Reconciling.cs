using LipSol.Contracts.Runs;
using LipSol.Contracts.Scheduling;
using Microsoft.Extensions.Logging;

namespace LipSol.Grains.Scheduling;

internal sealed partial class SchedulerGrain
{
    private const int RunsLookedAt = 1000;
    private bool _reconciling;

    public async Task ReconcileAsync()
    {
        if (_reconciling) return;
        _reconciling = true;
        try
        {
            await DropDeadNodesAsync();
            await DropSilentNodesAsync();
            await TellLostAsync(State.Lost);
            foreach (Lease lease in State.Leases) await MendLeaseAsync(lease);
            await MendRunsAsync();
            Lease();
        }
        finally
        {
            _reconciling = false;
        }
    }

    private async Task DropSilentNodesAsync()
    {
        DateTimeOffset oldest = time.GetUtcNow() - options.NodeTimeout;
        foreach (string node in KnownNodes())
            if (_heardOf.GetValueOrDefault(node) < oldest)
                await DropNodeAsync(node, $"Node {node} hasn't been heard of for {options.NodeTimeout.TotalSeconds:0} s.");
    }

    // The cluster's membership knows of a death sooner than the silence tells.
    private async Task DropDeadNodesAsync()
    {
        foreach (string node in KnownNodes())
            if (nodes.IsDead(node)) await DropNodeAsync(node, $"Node {node} died.");
    }

    private async Task WatchMembershipAsync()
    {
        try
        {
            await foreach (ClusterMembershipSnapshot _ in nodes.Changes.WithCancellation(_deactivated.Token))
            {
                try
                {
                    await DropDeadNodesAsync();
                }
                catch (Exception e)
                {
                    logger.LogWarning(e, "What a dead node held couldn't be taken from it; it's tried again.");
                }
            }
        }
        catch (OperationCanceledException)
        {
            // This activation is over.
        }
    }

    // Nodes that left and whose workers never ended hold leases without being registered.
    private List<string> KnownNodes() => [.. State.Nodes.Select(n => n.Name).Union(State.Leases.Select(l => l.Node))];

    // A lease whose run went on or never began, or whose worker is gone without a word.
    private async Task MendLeaseAsync(Lease lease)
    {
        if (time.GetUtcNow() - lease.Since < options.StartGrace) return;
        RunRecord? record = await Run(lease.RunId).GetAsync();
        if (!State.Leases.Contains(lease)) return;
        if (record is not { Status: RunStatus.Running } || record.Epoch != lease.Epoch)
        {
            logger.LogWarning("Lease {Epoch} of run {Run} is ended: the run is {Status}.", lease.Epoch, lease.RunId, record?.Status);
            await ReleaseAsync(lease.RunId, lease.Epoch);
            return;
        }
        try
        {
            if (await Activity(lease).HoldsAsync(lease.Epoch)) return;
        }
        catch (Exception e)
        {
            // The node can't be reached: whether it's gone is for the node timeout to say.
            logger.LogDebug(e, "Node {Node} doesn't answer for run {Run}.", lease.Node, lease.RunId);
            return;
        }
        await EndAttemptAsync(lease, "Its worker is gone.");
    }

    // Runs that say they wait or run while nothing here knows of them: what a crash between two writes leaves behind.
    private async Task MendRunsAsync()
    {
        foreach (RunRecord found in await index.ListAsync(new RunQuery(null, RunStatus.Queued, 0, RunsLookedAt), CancellationToken.None))
        {
            if (IsKnown(found.Id)) continue;
            if (await Run(found.Id).GetAsync() is { Status: RunStatus.Queued } record && !IsKnown(record.Id)) await EnqueueAsync(record.Id, record.Spec.Priority, record.Spec.Needs);
        }
        foreach (RunRecord found in await index.ListAsync(new RunQuery(null, RunStatus.Running, 0, RunsLookedAt), CancellationToken.None))
        {
            if (IsKnown(found.Id)) continue;
            if (await Run(found.Id).GetAsync() is { Status: RunStatus.Running } record && State.LeaseOf(record.Id)?.Epoch != record.Epoch)
                await Run(record.Id).LoseLeaseAsync(record.Epoch, "Its node went away.", goesOn: true);
        }
    }

    private bool IsKnown(string runId) => State.LeaseOf(runId) is not null || State.Queue.Exists(w => w.RunId == runId);
}
