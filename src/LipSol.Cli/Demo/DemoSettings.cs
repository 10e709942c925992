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
        ["settings"] = "epochs=16 batch_size=16 warmup_epochs=1",
        ["firstSettings"] = "learning_rate=0.003",
        ["secondSettings"] = "learning_rate=0.001",
        ["controls"] = "true",
        ["controlSettings"] = "",
        ["resultsPath"] = resultsPath,
    };
}
