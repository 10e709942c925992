using LipSol.Client;
using LipSol.Contracts.Scheduling;
using LipSol.Silo.Artifacts;
using LipSol.Silo.Http;

namespace LipSol.Silo.Node;

/// <summary>The node over HTTP.</summary>
internal static class NodeEndpoints
{
    public static void MapNode(this IEndpointRouteBuilder api, TimeProvider time)
    {
        var startedAt = time.GetUtcNow();
        api.MapGet("/node", async (IGrainFactory grains, NodeOptions options, NodeRemote remote) =>
        {
            var view = await grains.GetGrain<ISchedulerGrain>(0).GetAsync();
            return new NodeStatus(options.Name, NodeVersion.Text, startedAt,
                [.. from node in view.Nodes
                    from slot in node.Slots
                    select new SlotStatus(node.Name, slot.Index, slot.Device, slot.Threads, view.Leases.FirstOrDefault(l => l.Node == node.Name && l.Slot == slot.Index)?.RunId)],
                [.. view.Queue.Select(q => new QueuedRunStatus(q.RunId, q.Priority, q.Waits))]) { Remote = remote.Wanted };
        }).WithTags("Node").WithSummary("The node: its slots, what runs on them, what waits and why.").NeedsRead();
    }
}
