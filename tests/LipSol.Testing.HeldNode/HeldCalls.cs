using LipSol.Contracts.Models;
using LipSol.Contracts.Pipelines;
using LipSol.Contracts.Runs;

namespace LipSol.Testing.HeldNode;

/// <summary>Holds a step of a pipeline in a call that its run makes while it does the step. The call itself is carried out; its answer is what never arrives.</summary>
internal sealed class HeldCalls(string step, Hold hold) : IOutgoingGrainCallFilter
{
    private volatile bool _planned;

    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        // Asked now: once a call is over, its arguments are gone.
        bool plans = context.MethodName == nameof(IPipelineGrain.RecallAsync) && (string?)context.Request.GetArgument(0) == step;
        await context.Invoke();
        if (context.SourceId?.Type.ToString() != "pipeline-run") return;
        // It looked what was left earlier, so it's about to be done.
        if (plans) _planned = true;
        else if (IsInTheMiddle(context)) await hold.Reached();
    }

    private bool IsInTheMiddle(IOutgoingGrainCallContext context) => step switch
    {
        // A training under way, whichever call found it so.
        "small" or "wide" or "slow" => context.Result is RunRecord { Status: RunStatus.Running, Heartbeat: not null } run && run.Spec.Tags.GetValueOrDefault("step") == step,
        // They look at a run while they are done.
        "best" or "figures" => _planned && context.Result is RunRecord,
        // The version is registered.
        "gate" => context.Result is ModelVersion,
        // It's in production.
        "production" => context.MethodName == nameof(IModelGrain.PromoteAsync),
        _ => false,
    };
}
