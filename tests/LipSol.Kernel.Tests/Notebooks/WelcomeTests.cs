using System.Text.Json.Nodes;
using LipSol.Kernel.Notebooks;

namespace LipSol.Kernel.Tests.Notebooks;

[Collection("process folder")]
public sealed class WelcomeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_welcome_connects_shows_what_the_node_has_and_has_a_clip_read()
    {
        var (page, json) = await RunAsync("00-welcome");
        Assert.Contains("researcher: Run", page);
        Assert.Contains("version 2", page);
        Assert.Contains("2026-12-01 02:30 Asia/Karachi", page);
        Assert.Contains("--frames:24", page);
        Assert.Equal(("urdu-demo", "ایک"), ((string)json["corpora"]![0]!, (string)json["read"]!));
    }

    [Fact]
    public async Task The_welcome_runs_where_a_model_is_in_production_and_no_corpus_is_there()
    {
        var (page, json) = await RunAsync("00-welcome", hasCorpus: false);
        Assert.Contains("There is no test clip here", page);
        Assert.Null(json["read"]);
    }

    [Fact]
    public async Task A_folder_of_recordings_becomes_a_promoted_model()
    {
        _folder.Write("labels.csv", "path,speaker,split,text\n1.mp4,sana,train,ہاں\n2.mp4,sana,test,نہیں\n");
        var (page, json) = await RunAsync("06-from-recordings-to-a-model", parameters: [("recordings", _folder.Path), ("corpus", "urdu-demo"), ("model", "urdu-words")]);
        Assert.Contains("sana: 2 rows, 2 different texts", page);
        Assert.Contains("is in production", page);
        Assert.Contains("points=", page);
        Assert.Contains("kind: \"prepare\"", CannedPipeline.Registered);
        Assert.Equal((true, 182), ((bool)json["promoted"]!, (int)json["clips"]!));
    }

    private async Task<(string Page, JsonNode Results)> RunAsync(string notebook, bool hasCorpus = true, params (string Name, string Value)[] parameters)
    {
        using var node = new CannedNode(promotes: true) { HasCorpus = hasCorpus };
        // LIPSOL_TEST_OUTPUT keeps the page, to be looked at.
        var html = Path.Combine(Environment.GetEnvironmentVariable("LIPSOL_TEST_OUTPUT") ?? _folder.Path, notebook + ".html");
        var result = await NotebookRunner.RunAsync(new NotebookRunOptions
        {
            NotebookPath = RepositoryRoot.In("notebooks", notebook + ".ipynb"),
            Parameters = new Dictionary<string, string>(parameters.Select(p => KeyValuePair.Create(p.Name, p.Value))) { ["server"] = node.Url, ["resultsPath"] = _folder["results.json"] },
            HtmlPath = html,
            PackageCache = _folder["cache"],
        }, TestContext.Current.CancellationToken);
        Assert.True(result.Succeeded, string.Join('\n', result.Failures.SelectMany(f => f.Error.Traceback)));
        return (await File.ReadAllTextAsync(html, TestContext.Current.CancellationToken), JsonNode.Parse(await File.ReadAllTextAsync(_folder["results.json"], TestContext.Current.CancellationToken))!);
    }
}
