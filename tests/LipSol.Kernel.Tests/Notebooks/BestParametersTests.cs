using System.Text.Json.Nodes;
using LipSol.Kernel.Notebooks;

namespace LipSol.Kernel.Tests.Notebooks;

[Collection("process folder")]
public sealed class BestParametersTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static string Notebook => RepositoryRoot.In("notebooks", "03-find-the-best-parameters.ipynb");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_notebook_on_searches_runs_from_its_packages_and_shows_the_search_its_coordinates_and_what_mattered()
    {
        using var node = new CannedNode(promotes: true);
        var results = _folder["results.json"];
        // LIPSOL_TEST_OUTPUT keeps the page, to be looked at.
        var output = Environment.GetEnvironmentVariable("LIPSOL_TEST_OUTPUT") ?? _folder.Path;
        var html = Path.Combine(output, "search.html");
        var result = await NotebookRunner.RunAsync(new NotebookRunOptions
        {
            NotebookPath = Notebook,
            Parameters = new Dictionary<string, string> { ["server"] = node.Url, ["token"] = "canned-token", ["resultsPath"] = results },
            OutputPath = Path.Combine(output, "search.ipynb"),
            HtmlPath = html,
            PackageCache = _folder["cache"],
        }, TestContext.Current.CancellationToken);

        Assert.True(result.Succeeded, string.Join('\n', result.Failures.SelectMany(f => f.Error.Traceback)));
        var page = await File.ReadAllTextAsync(html, TestContext.Current.CancellationToken);
        Assert.DoesNotContain("canned-token", page);
        Assert.Contains("val_accuracy of each trial; the line is the best so far", page);
        Assert.Contains("failed: out of &lt;memory&gt;", page);
        Assert.Contains("Trials of best-parameters over their parameters", page);
        Assert.Contains("several together, chance", page);
        var json = JsonNode.Parse(await File.ReadAllTextAsync(results, TestContext.Current.CancellationToken))!;
        Assert.Equal((11, 12, 4, 1), ((int)json["best"]!["trial"]!, (int)json["trials"]!, (int)json["stopped"]!, (int)json["failed"]!));
        Assert.Equal(0.71, (double)json["importance"]![0]!["share"]!);
        Assert.Contains("--set learning_rate=0.011", page);
        // The F# cell, with values of C#.
        Assert.Matches(@"\d+ of 11 trials that gave a value were enough to come within 0\.01 of 0\.\d{3}", page);
    }
}
