using LipSol.Contracts.Runs;
using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace LipSol.Grains.Nodes;

/// <summary>Puts a grain on the node that its key names after the last <c>@</c>, and nowhere else.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class OnNodeOfKeyAttribute() : PlacementAttribute(new NodePlacement());

/// <inheritdoc cref="OnNodeOfKeyAttribute"/>
[GenerateSerializer, Alias("lipsol.NodePlacement"), Immutable]
internal sealed class NodePlacement : PlacementStrategy
{
    /// <summary>The key of a grain that lives on <paramref name="node"/>.</summary>
    public static string Key(string name, string node) => $"{name}@{node}";

    /// <summary>The two parts of such a key.</summary>
    public static (string Name, string Node) Split(string key)
    {
        int at = key.LastIndexOf('@');
        return at < 0 ? throw new RefusedException($"The grain key '{key}' names no node.") : (key[..at], key[(at + 1)..]);
    }
}

/// <summary>
/// Places by the key alone: the answer is the same whoever asks and however often, so a grain whose node is gone fails until the node is back
/// instead of coming to life where its process or its model isn't.
/// </summary>
internal sealed class NodePlacementDirector(ClusterNodes nodes) : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        string node = NodePlacement.Split(target.GrainIdentity.Key.ToString()!).Node;
        SiloAddress[] compatible = context.GetCompatibleSilos(target);
        return nodes.Find(node) is { } address && compatible.Contains(address)
            ? Task.FromResult(address)
            : throw new NodeGoneException($"Node {node} isn't up.");
    }
}

/// <summary>A grain of a node that isn't up was called.</summary>
[GenerateSerializer, Alias("lipsol.NodeGoneException")]
internal sealed class NodeGoneException(string message) : Exception(message);
