namespace LipSol.Pipelines;

/// <summary><c>prepare</c>: reads a corpus anew from where its recordings lie. What was cropped before comes from the cache, so only new clips take time.</summary>
public sealed class PrepareKind : StepKind
{
    /// <inheritdoc/>
    public override string Name => "prepare";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Leaves => [Outputs.Corpus, Outputs.Data];

    /// <inheritdoc/>
    public override IReadOnlyList<SettingRule> Settings { get; } =
    [
        new("corpus", SettingType.Name, "the corpus' name") { Required = true },
        new("layout", SettingType.Word, "how the recordings lie") { Required = true, Words = ["grid", "urdu", "folder"] },
        new("folder", SettingType.Text, "the folder of the recordings, as the node sees it") { Required = true },
        new("options", SettingType.Table, "what `lipsol corpus import` takes with --set, and mouth-crops, split-by"),
        new("jobs", SettingType.Whole, "clips at the same time") { Least = 1, Most = 256, DecidesNothing = true },
    ];

    internal override string? Check(StepDefinition step) =>
        step.Text("folder") is { Length: > 0 } folder && !folder.StartsWith('/') && !Path.IsPathRooted(folder) ? $"folder is '{folder}': give the whole path, as /srv/recordings, since the node doesn't know where this file lies." : null;
}
