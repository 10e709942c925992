using LipSol.Contracts.Runs;

namespace LipSol.Grains.Scheduling;

internal sealed partial class SchedulerGrain
{
    public async Task DrainAsync(string node)
    {
        // Asked again, it may be down by now: what was asked for holds all the same.
        if (!State.Nodes.Exists(n => n.Name == node) && !State.Draining.Contains(node)) throw new RefusedException($"There's no node {node}. The nodes: {string.Join(", ", State.Nodes.Select(n => n.Name))}.");
        if (!State.Draining.Contains(node))
        {
            State.Draining = [.. State.Draining.Append(node).Order(StringComparer.Ordinal)];
            await WriteAsync();
        }
        string reason = $"Node {node} is drained.";
        await TellAsync(LeasesOf(node), async (run, lease) =>
        {
            await run.NodeLeavesAsync(lease.Epoch, reason, goesOn: true);
            await Activity(lease).InterruptAsync(lease.Epoch, reason);
        });
    }

    public async Task UndrainAsync(string node)
    {
        if (!State.Draining.Contains(node)) return;
        State.Draining = [.. State.Draining.Where(n => n != node)];
        await WriteAsync();
        Lease();
    }
}
