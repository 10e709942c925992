using System.Text.Json.Nodes;
using LipSol.Kernel.Notebooks;

namespace LipSol.Kernel.Tests.Notebooks;

[Collection("process folder")]
public sealed class OwnModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static string Notebook => RepositoryRoot.In("notebooks", "05-your-own-model.ipynb");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_notebook_on_a_model_of_ones_own_runs_from_its_packages_and_shows_the_network_and_its_run()
    {
        var (result, page, json) = await RunAsync(Notebook);
        Assert.True(result.Succeeded, string.Join('\n', result.Failures.SelectMany(f => f.Error.Traceback)));
        Assert.Contains("ready to train", page);
        Assert.Contains("channels &lt;of&gt; the first", page);
        Assert.Contains("with the layer of its own", page);
        Assert.Equal(("gate-net", "word-tcn"), ((string)json!["runs"]![0]!["network"]!, (string)json["runs"]![1]!["network"]!));
        Assert.Equal((string)json["source"]!, (string)json["runs"]![0]!["source"]!);
    }

    [Fact]
    public async Task A_network_that_does_not_compile_fails_its_cell_with_the_cells_own_line()
    {
        var changed = (await File.ReadAllTextAsync(Notebook, TestContext.Current.CancellationToken)).Replace("new ReLU(), new SpatialHalve()", "new Relu(), new SpatialHalve()", StringComparison.Ordinal)
            .Replace("../.build/feed", RepositoryRoot.In(".build", "feed"), StringComparison.Ordinal);
        var (result, _, _) = await RunAsync(_folder.Write("changed.ipynb", changed));
        var error = result.Failures[0].Error;
        var cell = (await NotebookFile.ReadAsync(Notebook, TestContext.Current.CancellationToken)).Cells.Single(c => c.Source.StartsWith("#!model", StringComparison.Ordinal)).Source.Split('\n').ToList();
        var line = cell.FindIndex(l => l.Contains("new SpatialHalve()", StringComparison.Ordinal)) + 1;
        Assert.Equal("CompilationError", error.Name);
        Assert.Matches($"^\\({line},\\d+\\): error CS0246: The type or namespace name 'Relu'", error.Message);
        Assert.Contains("new Relu()", error.Traceback[1]);
        Assert.Equal(error.Traceback[1].IndexOf("Relu", StringComparison.Ordinal), error.Traceback[2].IndexOf('^', StringComparison.Ordinal));
    }

    private async Task<(NotebookRunResult Result, string Page, JsonNode? Json)> RunAsync(string notebook)
    {
        using var node = new CannedNode(promotes: true);
        // LIPSOL_TEST_OUTPUT keeps the page, to be looked at.
        var output = Environment.GetEnvironmentVariable("LIPSOL_TEST_OUTPUT") ?? _folder.Path;
        var (html, results) = (Path.Combine(output, "own-model.html"), _folder["results.json"]);
        var result = await NotebookRunner.RunAsync(new NotebookRunOptions
        {
            NotebookPath = notebook,
            Parameters = new Dictionary<string, string> { ["server"] = node.Url, ["token"] = "canned-token", ["resultsPath"] = results },
            OutputPath = Path.Combine(output, "own-model.ipynb"),
            HtmlPath = html,
            PackageCache = _folder["cache"],
            FailFast = true,
        }, TestContext.Current.CancellationToken);
        return (result, await File.ReadAllTextAsync(html, TestContext.Current.CancellationToken), File.Exists(results) ? JsonNode.Parse(await File.ReadAllTextAsync(results, TestContext.Current.CancellationToken)) : null);
    }
}
