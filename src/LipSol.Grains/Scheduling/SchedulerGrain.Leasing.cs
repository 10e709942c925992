using LipSol.Contracts.Runs;
using LipSol.Contracts.Scheduling;
using Microsoft.Extensions.Logging;

namespace LipSol.Grains.Scheduling;

internal sealed partial class SchedulerGrain
{
    // Not awaited by those who call it: they are often runs, which must be free again when their attempt begins.
    private void Lease() => _ = LeaseAllAsync();

    private async Task LeaseAllAsync()
    {
        if (_leasing)
        {
            _leaseAgain = true;
            return;
        }
        _leasing = true;
        try
        {
            do
            {
                _leaseAgain = false;
                while (SlotChoice.Choose(State, IsClosed) is var (next, node, slot))
                {
                    var lease = new Lease(next.RunId, ++State.LastEpoch, node.Name, slot.Index, time.GetUtcNow()) { Memory = next.Needs?.Memory ?? 0, NodeIsOwned = node.Owned };
                    State.Dequeue(next.RunId);
                    State.Leases = [.. State.Leases, lease];
                    await WriteAsync();
                    _ = GrantAsync(lease, slot);
                }
            }
            while (_leaseAgain);
        }
        catch (Exception e)
        {
            logger.LogError(e, "No lease could be given out.");
        }
        finally
        {
            _leasing = false;
        }
    }

    private async Task GrantAsync(Lease lease, Slot slot)
    {
        try
        {
            await Run(lease.RunId).BeginAttemptAsync(lease.Epoch, lease.Node, slot.Threads);
        }
        catch (Exception e) when (e is RefusedException or StaleLeaseException)
        {
            logger.LogInformation("Run {Run} doesn't take lease {Epoch}: {Reason}", lease.RunId, lease.Epoch, e.Message);
            await ReleaseAsync(lease.RunId, lease.Epoch);
            return;
        }
        catch (Exception e)
        {
            // It may have begun or not: reconciling asks the run.
            logger.LogWarning(e, "Run {Run} didn't answer to lease {Epoch}.", lease.RunId, lease.Epoch);
            return;
        }

        try
        {
            await Activity(lease).StartAsync(lease, slot);
        }
        catch (Exception e)
        {
            logger.LogWarning(e, "Run {Run} couldn't be started on node {Node}.", lease.RunId, lease.Node);
            // Most often it has just died. Nothing more is given to it until it's heard of again, and the run, which never began there, isn't charged a restart.
            _unreachable.Add(lease.Node);
            string reason = $"Node {lease.Node} couldn't be reached: {e.Message}";
            await TellAsync([lease], (run, lost) => run.NodeLeavesAsync(lost.Epoch, reason, goesOn: true));
            await EndAttemptAsync(lease, reason);
        }
    }

    private bool IsClosed(string node) => _unreachable.Contains(node) || _full.Contains(node) || State.Lost.Exists(l => l.Lease.Node == node);

    private async Task EndAttemptAsync(Lease lease, string reason)
    {
        try
        {
            await Run(lease.RunId).EndAttemptAsync(lease.Epoch, new AttemptEnd(RunStatus.Interrupted, reason, null));
        }
        catch (Exception e)
        {
            logger.LogWarning(e, "Run {Run} couldn't be told that attempt {Epoch} ended; it's tried again.", lease.RunId, lease.Epoch);
        }
    }
}
