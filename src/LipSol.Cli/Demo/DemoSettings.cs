namespace LipSol.Cli.Demo;

/// <summary>What the demo draws and trains: sized so that all of it takes at most six minutes on two cores.</summary>
internal static class DemoSettings
{
    public const string Corpus = "urdu-demo";
    public const string Model = "urdu-words";

    /// <summary>The synthesiser's defaults: 6 speakers, 12 words, 600 clips.</summary>
    public static IReadOnlyDictionary<string, string> Synthesis { get; } = new Dictionary<string, string> { ["seed"] = "1" };

    public static Dictionary<string, string> NotebookParameters(string resultsPath) => new()
    {
        ["corpus"] = Corpus,
        ["model"] = Model,
        ["network"] = "word-tcn",
        ["settings"] = "epochs=12 warmup_epochs=2 front=16 width=16 blocks=1 temporal_blocks=2 scale_width=32 ema=0.95 resize=36 size=32",
        ["firstSettings"] = "learning_rate=0.004",
        ["secondSettings"] = "learning_rate=0.001",
        ["controls"] = "true",
        ["controlSettings"] = "",
        ["resultsPath"] = resultsPath,
    };
}
