using LipSol.Contracts.Runs;

namespace LipSol.Grains.Runs;

/// <summary>What follows from the end of an attempt: a crashed worker is started again from the last checkpoint, a bounded number of times.</summary>
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
                return (RunStatus.Interrupted, state.LeaveReason);
            case RunStatus.Interrupted when state.Restarts < spec.MaximumRestarts:
                state.Restarts++;
                return (RunStatus.Queued, $"restart {state.Restarts} of at most {spec.MaximumRestarts}, after: {end.Reason}");
            case RunStatus.Interrupted:
                return (RunStatus.Failed, spec.MaximumRestarts == 0 ? end.Reason : $"gave up after {spec.MaximumRestarts} restarts; the last attempt: {end.Reason}");
            case RunStatus.Failed:
                return (RunStatus.Failed, end.Reason);
            default:
                throw new RefusedException($"An attempt can't end as {end.Status}.");
        }
    }
}
