namespace LipSol.Pipelines;

/// <summary><c>choose</c>: the best of several runs by a metric that was measured on <c>val</c> while they trained. Never by <c>test</c>: that is the gate's alone.</summary>
public sealed class ChooseKind : StepKind
{
    /// <inheritdoc/>
    public override string Name => "choose";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Leaves => [Outputs.Run, Outputs.Data, Outputs.Corpus];

    /// <inheritdoc/>
    public override IReadOnlyList<SettingRule> Settings { get; } =
    [
        new("from", SettingType.Steps, "the steps whose runs to compare") { Required = true, Needs = Outputs.Run },
        new("metric", SettingType.Text, "the metric, as val_accuracy; its best value over the steps of training counts") { Required = true },
        new("goal", SettingType.Word, "whether high or low is good") { Words = ["highest", "lowest"] },
        new("needs", SettingType.Word, "whether all runs must have succeeded, or any will do") { Words = ["all", "any"] },
    ];

    /// <summary>Whether low values are good: as the step says, else by the metric's name.</summary>
    public static bool LowIsGood(StepDefinition step)
    {
        string metric = step.Text("metric") ?? "";
        return step.Text("goal") is { } goal ? goal == "lowest"
            : metric.Contains("loss", StringComparison.Ordinal) || metric.Split('_', '.').Any(part => part is "wer" or "cer" or "error");
    }

    internal override string? Check(StepDefinition step) =>
        step.Text("metric") is { } metric && metric.StartsWith("test", StringComparison.Ordinal) ? $"metric is '{metric}': runs are compared on val, the test split is the gate's alone. Name a metric of val." : null;
}
