using Orleans.Runtime.Messaging;

namespace LipSol.Grains.Nodes;

/// <summary>What an error of a grain call means.</summary>
public static class ClusterErrors
{
    /// <summary>
    /// Whether what was asked for lay on a node that is gone, going or cut off, and comes to life elsewhere once the others have noticed, or is on another one already: asking again, there or later, will do.
    /// A grain on a node that is just going may throw what it finds gone before it.
    /// </summary>
    public static bool IsPassing(Exception error) =>
        error is NodeGoneException or SiloUnavailableException or OrleansMessageRejectionException or ConnectionFailedException or TimeoutException or ObjectDisposedException or OperationCanceledException
        || (error.InnerException is { } inner && IsPassing(inner));
}
