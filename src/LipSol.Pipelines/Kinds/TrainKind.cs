namespace LipSol.Pipelines;

/// <summary><c>train</c>: an ordinary run. Several train side by side where there are slots.</summary>
public sealed class TrainKind : StepKind
{
    /// <inheritdoc/>
    public override string Name => "train";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Leaves => [Outputs.Run, Outputs.Data, Outputs.Corpus];

    /// <inheritdoc/>
    public override IReadOnlyList<SettingRule> Settings { get; } =
    [
        new("data", SettingType.Step, "the step that prepares the corpus") { Needs = Outputs.Data },
        new("corpus", SettingType.Name, "a corpus that is there already"),
        new("network", SettingType.Name, "the network, as word-tcn") { Required = true },
        new("set", SettingType.Table, "the run's parameters"),
        new("seed", SettingType.Whole, "the seed"),
        new("threads", SettingType.Whole, "threads of the worker; 0: the slot's share") { Least = 0, Most = 1024 },
        new("experiment", SettingType.Text, "the experiment that the run belongs to") { DecidesNothing = true },
        new("priority", SettingType.Whole, "higher runs first") { DecidesNothing = true },
        new("restarts", SettingType.Whole, "how often it's restarted after crashes and lost nodes") { Least = 0, Most = 100, DecidesNothing = true },
    ];

    internal override string? Check(StepDefinition step) => CorpusOrData(step);

    internal static string? CorpusOrData(StepDefinition step) => step.Text("data") is null == step.Text("corpus") is null
        ? "say what it learns from: either data (a step that prepares a corpus) or corpus (one that is there already)." : null;
}
