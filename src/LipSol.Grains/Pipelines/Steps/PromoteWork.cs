using System.Globalization;
using LipSol.Contracts.Models;
using LipSol.Pipelines;

namespace LipSol.Grains.Pipelines.Steps;

/// <summary><c>promote</c>: puts what a gate passed into production, under a key that is this run's: however often it's asked for, it's one promotion.</summary>
internal sealed class PromoteWork : IStepWork
{
    public string Kind => "promote";

    public Task<Dictionary<string, string>> InputsAsync(StepContext context)
    {
        IReadOnlyDictionary<string, string> judged = context.Left("gate")!;
        return Task.FromResult(new Dictionary<string, string> { ["version"] = $"{judged[Outputs.Model]}@{judged[Outputs.Version]}" });
    }

    public Task<string?> WhyGoneAsync(StepContext context, IReadOnlyDictionary<string, string> left) => Task.FromResult<string?>(null);

    public async Task<Dictionary<string, string>> DoAsync(StepContext context)
    {
        IReadOnlyDictionary<string, string> judged = context.Left("gate")!;
        string model = judged[Outputs.Model];
        int version = int.Parse(judged[Outputs.Version], CultureInfo.InvariantCulture);
        PromotionDecision decision = await context.Grains.GetGrain<IModelGrain>(model).PromoteAsync(GateWork.Request(context, context.Definition.Step(context.Step.Text("gate")!), version));
        // That it couldn't be loaded settles nothing: the same key asks anew.
        if (decision is { Promoted: false, Evidence: not { Passes: false } }) throw new StepFailedException($"{model} version {version} isn't in production: {decision.Reason}", again: true);
        if (!decision.Promoted)
        {
            // Another version came into production since the gate passed it: judged against that one, it's refused, which is an outcome as the gate's own.
            return new Dictionary<string, string>
            {
                [Outputs.Verdict] = "refused",
                [Outputs.Model] = model,
                [Outputs.Version] = judged[Outputs.Version],
                ["promoted"] = "false",
                [Outputs.Note] = $"{model} version {version} is refused after all: {decision.Reason}",
            };
        }
        bool moved = decision.PreviousVersion != version;
        return new Dictionary<string, string>
        {
            [Outputs.Model] = model,
            [Outputs.Version] = judged[Outputs.Version],
            ["promoted"] = moved ? "true" : "false",
            [Outputs.Note] = moved ? $"{model} version {version} is in production{(decision.PreviousVersion is { } before ? $", in place of version {before}" : "")}." : $"{model} version {version} was in production already.",
        };
    }
}
