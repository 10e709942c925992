namespace LipSol.Pipelines;

/// <summary><c>evaluate</c>: how well a run's model, or a registered version, reads the test split.</summary>
public sealed class EvaluateKind : StepKind
{
    /// <inheritdoc/>
    public override string Name => "evaluate";

    /// <inheritdoc/>
    public override IReadOnlyList<SettingRule> Settings { get; } =
    [
        new("of", SettingType.Step, "the step whose run to measure") { Needs = Outputs.Run },
        new("model", SettingType.Text, "a model (its version in production) or model@version"),
        new("data", SettingType.Step, "the step that prepares the corpus") { Needs = Outputs.Data },
        new("corpus", SettingType.Name, "a corpus that is there already"),
    ];

    internal override string? Check(StepDefinition step)
    {
        if (step.Text("of") is null == step.Text("model") is null) return "say what to measure: either of (a step that trains or chooses) or model.";
        return step.Text("model") is null && step.Text("data") is null && step.Text("corpus") is null ? null
            : step.Text("data") is null == step.Text("corpus") is null ? "say on what to measure it: either data (a step that prepares a corpus) or corpus." : null;
    }
}
