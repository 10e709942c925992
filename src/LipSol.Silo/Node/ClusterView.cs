using LipSol.Client;
using LipSol.Contracts.Scheduling;
using LipSol.Silo.Http;

namespace LipSol.Silo.Node;

/// <summary>The nodes of the cluster, as the scheduler knows them.</summary>
internal sealed class ClusterView(IGrainFactory grains)
{
    /// <summary>All of them, by name; also one that is down and was asked to get no more runs.</summary>
    public async Task<IReadOnlyList<ClusterNode>> ListAsync()
    {
        var view = await grains.GetGrain<ISchedulerGrain>(0).GetAsync();
        return [.. view.Nodes.Select(n => Of(n, view))
            .Concat(view.Draining.Where(name => !view.Nodes.Exists(n => n.Name == name)).Select(name => new ClusterNode { Name = name, Up = false, Draining = true }))
            .OrderBy(n => n.Name, StringComparer.Ordinal)];
    }

    /// <exception cref="ApiException">There's no such node.</exception>
    public async Task<ClusterNode> GetAsync(string name)
    {
        var all = await ListAsync();
        return all.FirstOrDefault(n => n.Name == name) ?? throw ApiException.NotFound($"There is no node \"{name}\". The nodes: {string.Join(", ", all.Select(n => n.Name))}.");
    }

    private static ClusterNode Of(NodeRegistration node, SchedulerView view) => new()
    {
        Name = node.Name,
        Up = true,
        UpSince = node.UpSince,
        LastHeardOf = view.HeardOf.TryGetValue(node.Name, out var heardOf) ? heardOf : null,
        Version = node.Version.Length > 0 ? node.Version : null,
        Labels = node.Labels,
        Memory = node.Memory,
        Draining = view.Draining.Contains(node.Name),
        DiskFull = node.DiskFull,
        Networks = node.Confines,
        Slots = [.. node.Slots.Select(s => new NodeSlot(s.Index, s.Device, s.Threads, s.Name, s.Memory, view.Leases.Find(l => l.Node == node.Name && l.Slot == s.Index)?.RunId))],
    };
}
