namespace LipSol.Pipelines;

/// <summary><c>gate</c>: registers a run's model as a version, and judges it by a threshold and against the version in production on the same test samples. A refusal is a normal outcome: what depends on the gate isn't needed then.</summary>
public sealed class GateKind : StepKind
{
    /// <inheritdoc/>
    public override string Name => "gate";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Leaves => [Outputs.Verdict, Outputs.Version, Outputs.Model];

    /// <inheritdoc/>
    public override bool MayBeCached => false;

    /// <inheritdoc/>
    public override IReadOnlyList<SettingRule> Settings { get; } =
    [
        new("candidate", SettingType.Step, "the step whose run to judge") { Required = true, Needs = Outputs.Run },
        new("model", SettingType.Name, "the model to which its version belongs") { Required = true },
        new("metric", SettingType.Text, "the figure by which it's compared with the version in production: word_accuracy, wer, cer, also with .seen, .unseen or .speaker:NAME"),
        new("threshold", SettingType.Number, "what that figure must reach"),
        new("thresholds", SettingType.Table, "further figures that must reach something"),
        new("confidence", SettingType.Number, "how sure it must be that it beats the version in production") { Least = 0.5, Most = 0.9999 },
    ];

    internal override string? Check(StepDefinition step)
    {
        if (step.Text("threshold") is null && step.Table("thresholds").Count == 0) return "say what its figures must reach: threshold: 0.8, or thresholds with a figure and a number in each line below it.";
        foreach ((string figure, string threshold) in step.Table("thresholds"))
            if (!double.TryParse(threshold, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out double number) || !double.IsFinite(number)) return $"the threshold of {figure} is '{threshold}': write a number, as 0.8.";
        return null;
    }
}
