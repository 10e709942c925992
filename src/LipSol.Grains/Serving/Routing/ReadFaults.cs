using LipSol.Contracts.Runs;
using LipSol.Contracts.Serving;
using LipSol.Grains.Nodes;
using Orleans.Runtime.Messaging;

namespace LipSol.Grains.Serving.Routing;

/// <summary>What a failed read says about trying again.</summary>
internal static class ReadFaults
{
    /// <summary>The node is gone, going, or can't be reached: another one may answer.</summary>
    public static bool IsPassing(Exception e) =>
        e is NodeGoneException or SiloUnavailableException or OrleansMessageRejectionException or ConnectionFailedException or ObjectDisposedException or OperationCanceledException or TimeoutException
        || (e.InnerException is { } inner && IsPassing(inner));

    /// <summary>The replica has too much to do: another one may not.</summary>
    public static bool IsBusy(Exception e) => e is OverloadedException or LimitExceededException;

    /// <summary>The input's or the caller's fault: it would be the same everywhere.</summary>
    public static bool IsTheCallers(Exception e) => e is UnreadableInputException or RefusedException or TooLateException;
}
