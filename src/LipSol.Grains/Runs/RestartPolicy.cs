using LipSol.Contracts.Runs;

namespace LipSol.Grains.Runs;

/// <summary>What follows from the end of an attempt: after a crash, of its worker or of its node, the run goes on from the last checkpoint, a bounded number of times; a node that leaves costs none of them.</summary>
internal static class RestartPolicy
{
    public static (RunStatus Status, string? Reason) Decide(AttemptEnd end, RunSpec spec, RunState state)
    {
        switch (end.Status)
        {
            case RunStatus.Completed when end.Outcome is not null:
                return (RunStatus.Completed, end.Reason);
            case RunStatus.Completed:
                return (RunStatus.Failed, "The worker ended without an outcome.");
            case RunStatus.Stopped:
                return (RunStatus.Stopped, state.StopReason ?? end.Reason);
            case RunStatus.Interrupted when state.StopReason is not null:
                return (RunStatus.Stopped, state.StopReason);
            case RunStatus.Interrupted when state.LeaveReason is not null:
                return (state.WaitsAfterLeaving ? RunStatus.Interrupted : RunStatus.Queued, state.LeaveReason);
            case RunStatus.Interrupted:
                return AfterCrash(end.Reason, spec, state);
            case RunStatus.Failed:
                return (RunStatus.Failed, end.Reason);
            default:
                throw new RefusedException($"An attempt can't end as {end.Status}.");
        }
    }

    /// <summary>What becomes of a run whose worker or node is gone. A run that was asked to stop, or whose node was leaving anyway, isn't started again for it.</summary>
    public static (RunStatus Status, string? Reason) AfterLoss(string reason, bool goesOn, RunSpec spec, RunState state) =>
        state.StopReason is not null ? (RunStatus.Stopped, state.StopReason)
        : !goesOn ? (RunStatus.Interrupted, reason)
        : state.LeaveReason is not null ? (RunStatus.Queued, state.LeaveReason)
        : AfterCrash(reason, spec, state);

    private static (RunStatus Status, string? Reason) AfterCrash(string? reason, RunSpec spec, RunState state)
    {
        if (state.Restarts < spec.MaximumRestarts)
        {
            state.Restarts++;
            return (RunStatus.Queued, $"restart {state.Restarts} of at most {spec.MaximumRestarts}, after: {reason}");
        }
        return (RunStatus.Failed, spec.MaximumRestarts == 0 ? reason : $"gave up after {spec.MaximumRestarts} restarts; the last attempt: {reason}");
    }
}
