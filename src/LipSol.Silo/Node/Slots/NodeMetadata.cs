using System.Globalization;

namespace LipSol.Silo.Node;

/// <summary>What a node tells the cluster of itself, beside what it registers with the scheduler: for the dashboard, and for whatever places grains.</summary>
internal static class NodeMetadata
{
    public static Dictionary<string, string> Of(NodeOptions options, NodeSlots slots) => new()
    {
        ["lipsol.node"] = options.Name,
        ["lipsol.version"] = NodeVersion.Text,
        ["lipsol.labels"] = string.Join(',', options.Labels),
        ["lipsol.memory"] = slots.Memory.ToString(CultureInfo.InvariantCulture),
        ["lipsol.slots"] = string.Join(',', slots.All.Select(s => s.Device)),
    };
}
