namespace LipSol.Client;

/// <summary>The nodes of the cluster: what they are, and taking one out of service.</summary>
/// <example>
/// <code>
/// await client.Nodes.DrainAsync("gpu-2");
/// while ((await client.Nodes.GetAsync("gpu-2")).Slots.Any(s => s.RunId is not null)) await Task.Delay(1000);
/// </code>
/// </example>
public sealed class NodesClient
{
    private readonly NodeConnection connection;

    internal NodesClient(NodeConnection connection) => this.connection = connection;

    /// <summary>All nodes, by name; a node by itself is the only one.</summary>
    public Task<IReadOnlyList<ClusterNode>> ListAsync(CancellationToken cancellationToken = default) =>
        connection.GetAsync<IReadOnlyList<ClusterNode>>("api/v1/nodes", cancellationToken);

    /// <summary>One node.</summary>
    /// <exception cref="LipSolNotFoundException">No such node.</exception>
    public Task<ClusterNode> GetAsync(string name, CancellationToken cancellationToken = default) =>
        connection.GetAsync<ClusterNode>(Path(name), cancellationToken);

    /// <summary>The node gets no more runs, and those it has write a checkpoint and go on elsewhere; returns without waiting for them. Holds until <see cref="UndrainAsync"/>, also when the node is started anew. Repeatable.</summary>
    /// <exception cref="LipSolNotFoundException">No such node.</exception>
    public Task<ClusterNode> DrainAsync(string name, CancellationToken cancellationToken = default) =>
        connection.PostAsync<ClusterNode>(Path(name) + "/drain", null, cancellationToken);

    /// <summary>The node gets runs again. Repeatable.</summary>
    /// <exception cref="LipSolNotFoundException">No such node.</exception>
    public Task<ClusterNode> UndrainAsync(string name, CancellationToken cancellationToken = default) =>
        connection.PostAsync<ClusterNode>(Path(name) + "/undrain", null, cancellationToken);

    private static string Path(string name) => $"api/v1/nodes/{Uri.EscapeDataString(name)}";
}
