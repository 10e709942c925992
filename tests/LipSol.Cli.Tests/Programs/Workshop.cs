using System.Text.Json;
using LipSol.Client;

[assembly: AssemblyFixture(typeof(LipSol.Cli.Tests.Programs.Workshop))]

namespace LipSol.Cli.Tests.Programs;

/// <summary>A node with a tiny drawn corpus, two runs and a model in production, all made by the command line. Made once, by the first test that asks.</summary>
public sealed class Workshop : IAsyncDisposable
{
    /// <summary>A network small enough for a test.</summary>
    internal static readonly string[] TinyNetwork =
        [.. new[] { "batch_size=4", "warmup_epochs=1", "resize=32", "size=28", "front=16", "width=16", "stages=1", "scale_width=16", "temporal_blocks=1" }.SelectMany(s => new[] { "--set", s })];

    private readonly TemporaryFolder folder = new();
    private readonly Lazy<Task> made;
    private LipSolProgram? node;

    public Workshop() => made = new(MakeAsync);

    public string DataFolder => folder["data"];
    public string Clip => folder["میرا کلپ.mp4"];
    internal Answer Synthesised { get; private set; } = null!;
    internal Answer Trained { get; private set; } = null!;
    internal Answer Promoted { get; private set; } = null!;
    internal NodeFile Node => NodeFile.Read(DataFolder)!;
    public string Run => Trained.Document.GetProperty("id").GetString()!;
    public string OtherRun { get; private set; } = "";

    /// <summary>The node's one document on stdout.</summary>
    internal JsonElement Up { get; private set; }

    public async Task<Workshop> ReadyAsync()
    {
        await made.Value;
        return this;
    }

    public string Scratch(string name) => folder[name];

    public async ValueTask DisposeAsync()
    {
        if (node is not null)
        {
            node.Signal("TERM");
            await node.DisposeAsync();
        }
        folder.Dispose();
    }

    private async Task MakeAsync()
    {
        node = LipSolProgram.Start(DataFolder, "up", "--port", "0", "--json");
        Synthesised = await LipSolProgram.RunAsync(DataFolder, "corpus", "synth", "--name", "tiny", "--words", "آپ,جی", "--set", "speakers=1", "--set", "unseen=0",
            "--set", "takes=2", "--set", "val-takes=1", "--set", "test-takes=1", "--json");
        Synthesised.With(0);
        await node.WaitForOutputAsync(text => text.TrimEnd().EndsWith('}'));
        Trained = (await TrainAsync("--set", "epochs=2", "--name", "first")).With(0);
        OtherRun = (await TrainAsync("--set", "epochs=1", "--set", "learning_rate=0.001")).With(0).Document.GetProperty("id").GetString()!;
        Promoted = (await LipSolProgram.RunAsync(DataFolder, "models", "promote", "tiny-words", "--run", Run, "--threshold", "0", "--json")).With(0);
        File.Copy(Directory.EnumerateFiles(Path.Combine(DataFolder, "synthetic", "tiny"), "*.mp4", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First(), Clip);
        await node.WaitForOutputAsync(text => { Up = JsonDocument.Parse(text).RootElement; return true; });
    }

    private Task<Answer> TrainAsync(params string[] more) =>
        LipSolProgram.RunAsync(DataFolder, ["train", "--corpus", "tiny", "--model", "word-tcn", .. TinyNetwork, .. more, "--json"]);
}
