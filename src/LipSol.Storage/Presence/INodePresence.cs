namespace LipSol.Storage;

/// <summary>Which nodes are in the cluster, by the database's clock. One database is one cluster.</summary>
/// <remarks>A node counts as there while it was renewed within the last <see cref="NodePresence.Expiry"/>; renew every few seconds.</remarks>
public interface INodePresence : IAsyncDisposable
{
    /// <summary>
    /// Enters a node. The same instance started again takes its own entry over at once; an earlier process of it that still runs is refused at its next renewal.
    /// </summary>
    /// <exception cref="NodeRefusedException">
    /// Another instance has the name; a node that is there runs another contract; or (PostgreSQL) this machine's clock is more than ten seconds from the database's.
    /// </exception>
    Task JoinAsync(NodeIdentity node, CancellationToken ct);

    /// <summary>Says that the node is still there. A node that was away for longer than <see cref="NodePresence.Expiry"/> is entered again, if it may join.</summary>
    /// <exception cref="NodeRefusedException">Another instance, or a later process of this one, took the name; or the node was away, and may not join any more.</exception>
    Task RenewAsync(NodeIdentity node, CancellationToken ct);

    /// <summary>Takes the node's entry out, so that the name is free at once. An entry that another has taken over stays. Repeatable.</summary>
    Task LeaveAsync(NodeIdentity node, CancellationToken ct);
}

/// <summary>A node that asks to be in the cluster.</summary>
/// <param name="Name">Its name, one a cluster.</param>
/// <param name="Instance">Its data folder's own id: what stays the same when the node is started again.</param>
/// <param name="Incarnation">This process of it.</param>
/// <param name="Contract">The number of the messages it speaks; all nodes of a cluster speak the same.</param>
/// <param name="Version">Its version of LipSol, for people.</param>
public sealed record NodeIdentity(string Name, string Instance, string Incarnation, int Contract, string Version);

/// <summary>A node may not be in the cluster. The message is for whoever started it: why, and what to do.</summary>
public sealed class NodeRefusedException : Exception
{
    /// <summary>Creates it.</summary>
    public NodeRefusedException(string message) : base(message) { }
}
