using LipSol.Contracts.Runs;
using LipSol.Contracts.Serving;

namespace LipSol.Grains.Serving.Routing;

/// <summary>What a failed read says about trying again, beside what <see cref="Nodes.ClusterErrors"/> says of any call.</summary>
internal static class ReadFaults
{
    /// <summary>The replica has too much to do: another one may not.</summary>
    public static bool IsBusy(Exception e) => e is OverloadedException or LimitExceededException;

    /// <summary>The input's or the caller's fault: it would be the same everywhere.</summary>
    public static bool IsTheCallers(Exception e) => e is CallerGoneException or UnreadableInputException or RefusedException or TooLateException;
}

/// <summary>Whoever asked doesn't wait any more. Told from a call that a stopping silo cancelled, which passes.</summary>
internal sealed class CallerGoneException(CancellationToken cancelled) : OperationCanceledException("Whoever asked doesn't wait any more.", cancelled);
