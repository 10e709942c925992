using System.Text.Json;
using LipSol.Cli.Tests.Programs;

namespace LipSol.Cli.Tests.Notebooks;

/// <summary>Notebooks as a researcher runs them: on a node that really trains.</summary>
[Trait("Category", "Long")]
public sealed class RealTrainingTests(Workshop workshop) : IDisposable
{
    private static readonly string Tiny = string.Join(' ', Workshop.TinyNetwork.Where(s => s != "--set" && !s.StartsWith("batch_size", StringComparison.Ordinal) && !s.StartsWith("warmup", StringComparison.Ordinal)));
    private readonly TemporaryFolder scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task The_search_for_the_best_parameters_ends_with_the_best_of_its_trials()
    {
        var results = await ResultsAsync("03-find-the-best-parameters", "method=random", "trials=4", "name=tiny-rates", $"settings=epochs=4 patience=0 {Tiny}");
        Assert.Equal(("completed", 4, 0), (results.GetProperty("status").GetString(), results.GetProperty("trials").GetInt32(), results.GetProperty("failed").GetInt32()));
        Assert.InRange(results.GetProperty("best").GetProperty("objective").GetDouble(), 0, 1);
        Assert.Contains("points=", Page("03-find-the-best-parameters"));
    }

    [Fact]
    public async Task The_daily_pipeline_trains_three_variants_and_promotes_one_or_says_why_not()
    {
        string Variant(string more) => $"epochs=2 batch_size=4 warmup_epochs=1 {Tiny} {more}";
        var results = await ResultsAsync("04-daily-pipeline", "pipelineName=tiny-nightly", "model=tiny-daily", $"small={Variant("")}", $"wide={Variant("learning_rate=0.004")}", $"slow={Variant("learning_rate=0.0005")}", "threshold=0", "confidence=0.6");
        Assert.Equal("succeeded", results.GetProperty("status").GetString());
        Assert.Equal(["small", "wide", "slow", "best", "figures", "gate", "production"], results.GetProperty("steps").EnumerateArray().Select(s => s.GetProperty("name").GetString()!));
        Assert.True(results.GetProperty("promoted").GetBoolean(), results.GetProperty("reason").GetString());
        Assert.Contains("<svg", Page("04-daily-pipeline"));
    }

    [Fact]
    public async Task The_welcome_shows_what_the_node_has_and_has_a_clip_read()
    {
        var results = await ResultsAsync("00-welcome");
        Assert.Contains("tiny", results.GetProperty("corpora").EnumerateArray().Select(c => c.GetString()));
        Assert.Contains(results.GetProperty("read").GetString(), new[] { "آپ", "جی" });
        Assert.Contains("tiny-words", Page("00-welcome"));
    }

    [Fact]
    public async Task A_network_written_in_the_notebook_is_compiled_tried_and_trained_confined()
    {
        var results = await ResultsAsync("05-your-own-model", "settings=epochs=1 patience=0 batch_size=4 warmup_epochs=1 resize=32 size=28", "ownSettings=width=8", "theirSettings=front=16 width=16 stages=1 scale_width=16 temporal_blocks=1");
        Assert.Equal(["gate-net", "word-tcn"], results.GetProperty("runs").EnumerateArray().Select(r => r.GetProperty("network").GetString()!));
        Assert.Equal(results.GetProperty("source").GetString(), results.GetProperty("runs")[0].GetProperty("source").GetString());
        Assert.InRange(results.GetProperty("runs")[0].GetProperty("onnx_max_abs_diff").GetDouble(), 0, 1e-4);
        Assert.Contains("with the layer of its own", Page("05-your-own-model"));
        // From the cell to the run's record: which notebook it was, and what became of it.
        var run = (await LipSolProgram.RunAsync((await workshop.ReadyAsync()).DataFolder, "runs", "show", results.GetProperty("runs")[0].GetProperty("id").GetString()!, "--json")).With(0).Document;
        Assert.All(new[] { "network.cs", "notebook.json", "notebook.ipynb" }, name => Assert.True(run.GetProperty("artifacts").TryGetProperty(name, out _), name));
    }

    [Fact]
    public async Task A_folder_of_recordings_becomes_a_promoted_model()
    {
        var made = await workshop.ReadyAsync();
        var results = await ResultsAsync("06-from-recordings-to-a-model", $"recordings={Path.Combine(made.DataFolder, "synthetic", "tiny")}", "corpus=recorded-tiny", "model=recorded-tiny-words", $"settings=epochs=2 patience=0 {Tiny} batch_size=4 warmup_epochs=1", "threshold=0");
        Assert.True(results.GetProperty("promoted").GetBoolean(), results.GetProperty("reason").GetString());
        Assert.True(results.GetProperty("frames_tracked").GetDouble() > 0.9);
        Assert.Contains("points=", Page("06-from-recordings-to-a-model"));
        Assert.Contains("--frames:", Page("06-from-recordings-to-a-model"));
    }

    private async Task<JsonElement> ResultsAsync(string notebook, params string[] parameters)
    {
        var made = await workshop.ReadyAsync();
        string[] given = [.. notebook.StartsWith("00", StringComparison.Ordinal) || parameters.Any(p => p.StartsWith("corpus=", StringComparison.Ordinal)) ? parameters : [.. parameters, "corpus=tiny"], $"resultsPath={scratch["results.json"]}"];
        (await LipSolProgram.RunAsync(made.DataFolder, ["notebook", "run", RepositoryRoot.In("notebooks", notebook + ".ipynb"), "--out", scratch["executed.ipynb"], "--html", scratch[notebook + ".html"], .. given.SelectMany(p => new[] { "-p", p })])).With(0);
        return JsonDocument.Parse(await File.ReadAllBytesAsync(scratch["results.json"], TestContext.Current.CancellationToken)).RootElement;
    }

    private string Page(string notebook) => File.ReadAllText(scratch[notebook + ".html"]);
}
