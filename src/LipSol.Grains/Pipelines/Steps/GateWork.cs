using System.Globalization;
using LipSol.Contracts.Models;
using LipSol.Grains.Models.Gate;
using LipSol.Grains.Models;
using LipSol.Pipelines;

namespace LipSol.Grains.Pipelines.Steps;

/// <summary><c>gate</c>: registers the run's version and judges it. A refusal goes into the model's audit trail where a promotion was to follow.</summary>
internal sealed class GateWork(PromotionGate gate) : IStepWork
{
    public string Kind => "gate";

    public Task<Dictionary<string, string>> InputsAsync(StepContext context) => Task.FromResult(new Dictionary<string, string> { ["run"] = context.Left("candidate")![Outputs.Run] });

    public Task<string?> WhyGoneAsync(StepContext context, IReadOnlyDictionary<string, string> left) => Task.FromResult<string?>(null);

    public async Task<Dictionary<string, string>> DoAsync(StepContext context)
    {
        string name = context.Step.Text("model")!;
        IModelGrain model = context.Grains.GetGrain<IModelGrain>(name);
        ModelVersion candidate = await model.RegisterAsync(context.Left("candidate")![Outputs.Run]);
        ModelRecord record = (await model.GetAsync())!;
        ModelVersion? production = record.Aliases.TryGetValue(ModelNames.Production, out int current) ? record.Versions.Find(v => v.Version == current) : null;
        context.Tell($"judges version {candidate.Version}");
        PromotionDecision decision = production?.Version == candidate.Version
            ? new PromotionDecision { Model = name, Version = candidate.Version, Promoted = true, Reason = $"Version {candidate.Version} is in production already." }
            : await gate.JudgeAsync(candidate, production, PolicyOf(context.Step), context.Cancelled);
        // The model's own record says so too. Asked under the promotion's key, so that there's one decision whatever dies in between; should it pass now after all, that was the promotion.
        if (!decision.Promoted && context.Definition.Steps.Any(s => s.Text("gate") == context.Step.Name)) decision = await model.PromoteAsync(Request(context, context.Step, candidate.Version));
        return new Dictionary<string, string>
        {
            [Outputs.Verdict] = decision.Promoted ? "passed" : "refused",
            [Outputs.Version] = candidate.Version.ToString(CultureInfo.InvariantCulture),
            [Outputs.Model] = name,
            [Outputs.Note] = $"{name} version {candidate.Version} {(decision.Promoted ? "passes" : "is refused")}: {decision.Reason}",
        };
    }

    public static GatePolicy PolicyOf(StepDefinition gate) => new()
    {
        Metric = gate.Text("metric") ?? "word_accuracy",
        Threshold = gate.Text("threshold") is { } threshold ? Number(threshold) : null,
        Confidence = gate.Text("confidence") is { } confidence ? Number(confidence) : 0.95,
        Thresholds = gate.Table("thresholds").ToDictionary(t => t.Key, t => Number(t.Value)),
    };

    public static PromotionRequest Request(StepContext context, StepDefinition gate, int version)
    {
        PipelineRunState run = context.Run();
        return new PromotionRequest
        {
            Version = version,
            Policy = PolicyOf(gate),
            Key = $"pipeline {run.Pipeline}/{run.Number}/{gate.Name}",
            By = run.By.Length > 0 ? run.By : $"pipeline {run.Pipeline}",
            Note = $"Run {run.Number} of the pipeline {run.Pipeline}, for {run.Day}.",
        };
    }

    private static double Number(string text) => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
}
