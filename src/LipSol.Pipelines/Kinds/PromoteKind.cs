namespace LipSol.Pipelines;

/// <summary><c>promote</c>: puts the version that a gate passed into production. Once in a run of the pipeline, whatever dies in the middle.</summary>
public sealed class PromoteKind : StepKind
{
    /// <inheritdoc/>
    public override string Name => "promote";

    /// <inheritdoc/>
    public override bool MayBeCached => false;

    /// <inheritdoc/>
    public override bool Uninterruptible => true;

    /// <inheritdoc/>
    public override IReadOnlyList<SettingRule> Settings { get; } = [new("gate", SettingType.Step, "the gate that must have passed") { Required = true, Needs = Outputs.Verdict }];
}
