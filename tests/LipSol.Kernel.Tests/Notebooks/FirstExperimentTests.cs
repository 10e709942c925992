using System.Text.Json.Nodes;
using LipSol.Kernel.Notebooks;

namespace LipSol.Kernel.Tests.Notebooks;

[Collection("process folder")]
public sealed class FirstExperimentTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static string Notebook => RepositoryRoot.In("notebooks", "01-first-experiment.ipynb");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_first_notebook_runs_from_its_packages_and_tells_of_promotion_and_of_refusal(bool promotes)
    {
        using var node = new CannedNode(promotes);
        var results = _folder["results.json"];
        // LIPSOL_TEST_OUTPUT keeps the page, to be looked at.
        var output = Environment.GetEnvironmentVariable("LIPSOL_TEST_OUTPUT") ?? _folder.Path;
        var result = await NotebookRunner.RunAsync(new NotebookRunOptions
        {
            NotebookPath = Notebook,
            Parameters = new Dictionary<string, string> { ["server"] = node.Url, ["token"] = "canned-token", ["resultsPath"] = results, ["controls"] = "true", ["clipsToRead"] = "3" },
            OutputPath = Path.Combine(output, $"first-{promotes}.ipynb"),
            HtmlPath = Path.Combine(output, $"first-{promotes}.html"),
            PackageCache = _folder["cache"],
        }, TestContext.Current.CancellationToken);

        Assert.True(result.Succeeded, string.Join('\n', result.Failures.SelectMany(f => f.Error.Traceback)));
        Assert.All(node.Tokens, t => Assert.Equal("Bearer canned-token", t));
        var html = await File.ReadAllTextAsync(Path.Combine(output, $"first-{promotes}.html"), TestContext.Current.CancellationToken);
        Assert.DoesNotContain("canned-token", html);
        Assert.Contains("url(data:image/png;base64,", html);
        // Where its runs came from, and what became of the notebook.
        Assert.Equal(4, node.Notebooks.Count);
        var origin = JsonNode.Parse(node.Notebooks["run-1"].Origin)!;
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(await File.ReadAllBytesAsync(Notebook, TestContext.Current.CancellationToken))), (string)origin["sha256"]!);
        Assert.Equal(("01-first-experiment.ipynb", "start", "3"), ((string)origin["notebook"]!, (string)origin["cell"]!, (string)origin["parameters"]!["clipsToRead"]!));
        Assert.StartsWith("0.1.0-content.", (string)origin["packages"]!["LipSol.Client"]!);
        Assert.Null(origin["parameters"]!["token"]);
        Assert.All(node.Notebooks.Values, n => Assert.Contains("is in production|stays a candidate".Split('|')[promotes ? 0 : 1], n.Executed));
        Assert.All(node.Notebooks.Values, n => Assert.DoesNotContain("canned-token", n.Origin + n.Executed));
        Assert.Contains("polyline", html);
        Assert.Contains(promotes ? "is in production" : "stays a candidate", html);
        var json = JsonNode.Parse(await File.ReadAllTextAsync(results, TestContext.Current.CancellationToken))!;
        Assert.Equal(2, json["runs"]!.AsArray().Count);
        Assert.Equal(promotes ? 2 : 1, (int)json["promoted"]!["version"]!);
        Assert.Equal(0.91, (double)json["accuracy"]!["unseen"]!, 3);
        Assert.Equal(6, json["samples"]!.AsArray().Count);
        Assert.Equal(3.1e-6, (double)json["onnx_max_abs_diff"]!);
    }
}
