namespace LipSol.Cli.Demo;

/// <summary>What the demo draws and trains.</summary>
internal sealed record DemoSettings
{
    private const string Network = "front=16 width=16 blocks=1 temporal_blocks=2 scale_width=32 ema=0.95 resize=36 size=32";

    /// <summary>Sized so that all of it takes at most six minutes on two cores. The synthesiser's defaults: 6 speakers, 12 words, 600 clips.</summary>
    public static DemoSettings Whole { get; } = new()
    {
        Corpus = "urdu-demo",
        Model = "urdu-words",
        Synthesis = new Dictionary<string, string> { ["seed"] = "1" },
        Training = $"epochs=12 warmup_epochs=2 {Network}",
        Controls = true,
    };

    /// <summary>Every step of the way in about a minute, on so little that the figures say nothing. Names of its own: it touches nothing of the whole demo's.</summary>
    public static DemoSettings Small { get; } = new()
    {
        Corpus = "urdu-demo-small",
        Model = "urdu-words-small",
        Synthesis = new Dictionary<string, string> { ["seed"] = "1", ["words"] = "3", ["speakers"] = "2", ["unseen"] = "1", ["takes"] = "2", ["val-takes"] = "1", ["test-takes"] = "1", ["unseen-takes"] = "1" },
        Training = $"epochs=2 warmup_epochs=1 {Network}",
        Controls = false,
    };

    public required string Corpus { get; init; }
    public required string Model { get; init; }
    public required IReadOnlyDictionary<string, string> Synthesis { get; init; }

    /// <summary>Settings of both runs.</summary>
    public required string Training { get; init; }

    /// <summary>Whether the two controls are trained as well.</summary>
    public required bool Controls { get; init; }

    public Dictionary<string, string> NotebookParameters(string resultsPath) => new()
    {
        ["corpus"] = Corpus,
        ["model"] = Model,
        ["network"] = "word-tcn",
        ["settings"] = Training,
        ["firstSettings"] = "learning_rate=0.004",
        ["secondSettings"] = "learning_rate=0.001",
        ["controls"] = Controls ? "true" : "false",
        ["controlSettings"] = "",
        ["resultsPath"] = resultsPath,
    };
}
