using Orleans.Runtime.Messaging;

namespace LipSol.Silo.Node;

/// <summary>What an error of a grain call means.</summary>
internal static class ClusterErrors
{
    /// <summary>Whether what was asked for lay on a node that has just died or is cut off, and comes to life elsewhere once the others have noticed: asking again will do.</summary>
    public static bool IsPassing(Exception error) =>
        error is SiloUnavailableException or OrleansMessageRejectionException or ConnectionFailedException or TimeoutException || (error.InnerException is { } inner && IsPassing(inner));
}
