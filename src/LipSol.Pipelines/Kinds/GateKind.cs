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
        new("metric", SettingType.Word, "the figure judged") { Words = ["word_accuracy", "wer", "cer", "word_accuracy.seen", "word_accuracy.unseen", "wer.seen", "wer.unseen", "cer.seen", "cer.unseen"] },
        new("threshold", SettingType.Number, "what the figure must reach") { Required = true },
        new("confidence", SettingType.Number, "how sure it must be that it beats the version in production") { Least = 0.5, Most = 0.9999 },
    ];
}
