using LipSol.Contracts.Scheduling;

namespace LipSol.Grains.Scheduling;

/// <summary>Which free slot the next run gets: a GPU before a CPU share, then the node with the fewest leases.</summary>
internal static class SlotChoice
{
    public static (NodeRegistration Node, Slot Slot)? Choose(IReadOnlyList<NodeRegistration> nodes, IReadOnlyList<Lease> leases)
    {
        var free =
            from node in nodes
            from slot in node.Slots
            where !leases.Any(l => l.Node == node.Name && l.Slot == slot.Index)
            orderby slot.Device == "cpu", leases.Count(l => l.Node == node.Name), node.Name, slot.Index
            select ((NodeRegistration, Slot)?)(node, slot);
        return free.FirstOrDefault();
    }

    /// <summary>Why the run at <paramref name="place"/> (from 0) of the queue waits.</summary>
    public static string WhyWaiting(int place, IReadOnlyList<NodeRegistration> nodes, IReadOnlyList<Lease> leases)
    {
        int slots = nodes.Sum(n => n.Slots.Count);
        string before = place == 0 ? "it's the next" : place == 1 ? "one run is before it" : $"{place} runs are before it";
        if (nodes.Count == 0) return "no node is up";
        return slots == 0 ? "no node has a slot for training" : $"{leases.Count} of {slots} slots are taken; {before}";
    }
}
