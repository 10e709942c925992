namespace LipSol.Contracts.Nodes;

/// <summary>One node, asked by another one. Key: <see cref="NodeGrainKey"/>; it lives on that node or not at all.</summary>
[Alias("lipsol.INodeGrain")]
public interface INodeGrain : IGrainWithStringKey
{
    /// <summary>Whether the node reaches the cluster's database now; answers within some seconds.</summary>
    [Alias("ReachesDatabase")] Task<bool> ReachesDatabaseAsync();
}

/// <summary>Keys of <see cref="INodeGrain"/>.</summary>
public static class NodeGrainKey
{
    /// <summary>The key of a node's grain.</summary>
    public static string Of(string node) => $"node@{node}";
}
