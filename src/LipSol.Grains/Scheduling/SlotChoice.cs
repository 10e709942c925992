using LipSol.Contracts.Runs;
using LipSol.Contracts.Scheduling;

namespace LipSol.Grains.Scheduling;

/// <summary>Which waiting run gets which free slot next. Runs are served in the queue's order; one that can't be served now is passed by those behind it, as long as they take nothing it waits for.</summary>
internal static class SlotChoice
{
    /// <param name="state">Nodes, leases and queue.</param>
    /// <param name="isClosed">Whether a node, by name, is given nothing for the moment.</param>
    public static (WaitingRun Run, NodeRegistration Node, Slot Slot)? Choose(SchedulerState state, Func<string, bool> isClosed)
    {
        // Nodes on which a run before waits for memory: whoever takes a slot there now could keep it waiting for ever.
        var held = new HashSet<string>(StringComparer.Ordinal);
        foreach (WaitingRun run in state.Queue)
        {
            List<(NodeRegistration Node, Slot Slot)> free = [.. Suitable(run.Needs, state).Where(s => IsFree(s.Node, s.Slot, state) && !held.Contains(s.Node.Name) && !isClosed(s.Node.Name))];
            List<(NodeRegistration Node, Slot Slot)> roomy = [.. free.Where(s => FreeMemory(s.Node, state) >= (run.Needs?.Memory ?? 0))];
            if (roomy.Count > 0)
            {
                var (node, slot) = roomy.OrderBy(s => s.Slot.Device == "cpu").ThenBy(s => state.Leases.Count(l => l.Node == s.Node.Name)).ThenBy(s => s.Node.Name, StringComparer.Ordinal).ThenBy(s => s.Slot.Index).First();
                return (run, node, slot);
            }
            held.UnionWith(free.Select(s => s.Node.Name));
        }
        return null;
    }

    /// <summary>The slots, taken or not, that could ever serve a run with these needs.</summary>
    public static IEnumerable<(NodeRegistration Node, Slot Slot)> Suitable(RunNeeds? needs, SchedulerState state) => Suitable(needs, state.Nodes, state.Draining);

    /// <summary>As above, of these nodes.</summary>
    /// <param name="needs">Null where any slot will do.</param>
    /// <param name="nodes">The nodes that are up.</param>
    /// <param name="draining">Names of those that get no more runs.</param>
    public static IEnumerable<(NodeRegistration Node, Slot Slot)> Suitable(RunNeeds? needs, IEnumerable<NodeRegistration> nodes, ICollection<string> draining) =>
        from node in nodes
        where !draining.Contains(node.Name)
        where needs is null || needs.Labels.All(node.Labels.Contains) && (needs.Memory == 0 || node.Memory == 0 || node.Memory >= needs.Memory) && (!needs.Confinement || node.Confines)
        from slot in node.Slots
        where needs is null || needs.Gpus == 0 || slot.Device != "cpu" && (needs.GpuMemory == 0 || slot.Memory == 0 || slot.Memory >= needs.GpuMemory)
        select (node, slot);

    public static bool IsFree(NodeRegistration node, Slot slot, SchedulerState state) => !state.Leases.Exists(l => l.Node == node.Name && l.Slot == slot.Index);

    // A node that doesn't know its memory refuses nobody for it.
    private static long FreeMemory(NodeRegistration node, SchedulerState state) =>
        node.Memory == 0 ? long.MaxValue : node.Memory - state.Leases.Where(l => l.Node == node.Name).Sum(l => l.Memory);
}
