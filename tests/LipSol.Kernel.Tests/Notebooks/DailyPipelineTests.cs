using System.Text.Json.Nodes;
using LipSol.Kernel.Notebooks;

namespace LipSol.Kernel.Tests.Notebooks;

[Collection("process folder")]
public sealed class DailyPipelineTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_notebook_of_the_daily_pipeline_registers_it_follows_a_run_and_shows_what_came_of_it()
    {
        using var node = new CannedNode(promotes: true);
        var result = await NotebookRunner.RunAsync(new NotebookRunOptions
        {
            NotebookPath = RepositoryRoot.In("notebooks", "04-daily-pipeline.ipynb"),
            Parameters = new Dictionary<string, string> { ["server"] = node.Url, ["token"] = "canned-token", ["recordings"] = "/srv/recordings/digits", ["resultsPath"] = _folder["results.json"] },
            OutputPath = _folder["daily.ipynb"],
            HtmlPath = _folder["daily.html"],
            PackageCache = _folder["cache"],
        }, TestContext.Current.CancellationToken);

        Assert.True(result.Succeeded, string.Join('\n', result.Failures.SelectMany(f => f.Error.Traceback)));
        Assert.Contains("kind: \"prepare\"", CannedPipeline.Registered);
        var html = await File.ReadAllTextAsync(_folder["daily.html"], TestContext.Current.CancellationToken);
        Assert.Contains("canned-picture", html);
        Assert.Contains("<bdi>نئی ریکارڈنگ</bdi>", html);
        Assert.Contains("24 clips, 24 of them new.", html);
        var json = JsonNode.Parse(await File.ReadAllTextAsync(_folder["results.json"], TestContext.Current.CancellationToken))!;
        Assert.Equal("succeeded", (string)json["status"]!);
    }
}
