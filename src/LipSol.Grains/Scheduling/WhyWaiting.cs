using LipSol.Contracts.Runs;
using LipSol.Contracts.Scheduling;

namespace LipSol.Grains.Scheduling;

/// <summary>Why a run waits, in words for the one who started it.</summary>
internal static class WhyWaiting
{
    private const double GiB = 1L << 30;

    /// <summary>Why a run of the queue waits.</summary>
    /// <param name="place">Its place in the queue, from 0.</param>
    /// <param name="state">Nodes, leases and queue.</param>
    /// <param name="full">Names of the nodes whose disks are full.</param>
    public static string Of(int place, SchedulerState state, IReadOnlySet<string> full)
    {
        RunNeeds? needs = state.Queue[place].Needs;
        if (state.Nodes.Count == 0) return "no node is up";
        if (!state.Nodes.Exists(n => n.Slots.Count > 0)) return "no node has a slot for training";
        List<(NodeRegistration Node, Slot Slot)> suitable = [.. SlotChoice.Suitable(needs, state)];
        if (suitable.Count == 0) return WhyNoneSuits(needs, state);
        if (suitable.TrueForAll(s => full.Contains(s.Node.Name))) return WhyFull([.. suitable.Select(s => s.Node.Name).Distinct()]);
        suitable.RemoveAll(s => full.Contains(s.Node.Name));

        int before = Enumerable.Range(0, place).Count(other => SlotChoice.Suitable(state.Queue[other].Needs, state).Any(suitable.Contains));
        string behind = before switch { 0 => "it's the next", 1 => "one run is before it", _ => $"{before} runs are before it" };
        int taken = suitable.Count(s => !SlotChoice.IsFree(s.Node, s.Slot, state));
        string which = suitable.Count == state.Nodes.Sum(n => n.Slots.Count) ? "slots" : "slots that suit it";
        return taken == suitable.Count || needs is not { Memory: > 0 }
            ? $"{taken} of {suitable.Count} {which} are taken; {behind}"
            : $"{Text(needs.Memory)} of memory aren't free on a node with a free slot; {behind}";
    }

    private static string WhyNoneSuits(RunNeeds? needs, SchedulerState state)
    {
        List<NodeRegistration> training = [.. state.Nodes.Where(n => n.Slots.Count > 0)];
        List<NodeRegistration> open = [.. training.Where(n => !state.Draining.Contains(n.Name))];
        if (open.Count == 0) return $"{Nodes(training)} drained";
        if (needs!.Confinement && !open.Exists(n => n.Confines)) return "a person wrote its network, and no node trains such ones: their machines can't confine them (Linux 5.19 and later, with Landlock, can), or they are switched off (--networks off)";
        foreach (string label in needs.Labels.Where(label => !open.Exists(n => n.Labels.Contains(label))))
            return $"no node has the label '{label}'{(open.SelectMany(n => n.Labels).Distinct().Order(StringComparer.Ordinal).ToList() is { Count: > 0 } labels ? $" (there are: {string.Join(", ", labels)})" : "")}";
        if (needs.Gpus > 0 && !open.Exists(n => n.Slots.Exists(s => s.Device != "cpu"))) return "it asks for a GPU, and no node has one";
        if (needs.Memory > open.Max(n => n.Memory) && open.TrueForAll(n => n.Memory > 0)) return $"it asks for {Text(needs.Memory)} of memory, and no node gives more than {Text(open.Max(n => n.Memory))}";
        return open.Max(n => n.Slots.Max(s => (long?)s.Memory)) is { } largest && needs.GpuMemory > largest
            ? $"it asks for a GPU with {Text(needs.GpuMemory)}, and the largest has {Text(largest)}"
            : "no node has all that it asks for at once";
    }

    private static string WhyFull(List<string> nodes) => nodes.Count == 1 ? $"the disk of node {nodes[0]} is full" : $"the disks of the nodes that suit it are full ({string.Join(", ", nodes)})";

    private static string Nodes(List<NodeRegistration> nodes) => nodes.Count == 1 ? $"node {nodes[0].Name} is" : "all nodes with slots are";

    private static string Text(long bytes) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{bytes / GiB:0.#} GiB");
}
