using System.Text.Json.Nodes;
using LipSol.Kernel.Notebooks;

namespace LipSol.Kernel.Tests.Notebooks;

[Collection("process folder")]
public sealed class ReadingSentencesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static string Notebook => RepositoryRoot.In("notebooks", "02-reading-sentences.ipynb");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_notebook_on_sentences_runs_from_its_packages_and_tells_of_promotion_and_of_refusal(bool promotes)
    {
        using var node = new CannedNode(promotes, sentences: true);
        var results = _folder["results.json"];
        // LIPSOL_TEST_OUTPUT keeps the page, to be looked at.
        var output = Environment.GetEnvironmentVariable("LIPSOL_TEST_OUTPUT") ?? _folder.Path;
        var html = Path.Combine(output, $"sentences-{promotes}.html");
        var result = await NotebookRunner.RunAsync(new NotebookRunOptions
        {
            NotebookPath = Notebook,
            Parameters = new Dictionary<string, string> { ["server"] = node.Url, ["token"] = "canned-token", ["resultsPath"] = results, ["clipsToRead"] = "3" },
            OutputPath = Path.Combine(output, $"sentences-{promotes}.ipynb"),
            HtmlPath = html,
            PackageCache = _folder["cache"],
        }, TestContext.Current.CancellationToken);

        Assert.True(result.Succeeded, string.Join('\n', result.Failures.SelectMany(f => f.Error.Traceback)));
        var page = await File.ReadAllTextAsync(html, TestContext.Current.CancellationToken);
        Assert.DoesNotContain("canned-token", page);
        Assert.Contains("Letter error rate (val; training dashed)", page);
        Assert.Contains("00:00:00,100 --&gt; 00:00:00,700", page);
        Assert.Contains(promotes ? "is in production" : "stays a candidate", page);
        var json = JsonNode.Parse(await File.ReadAllTextAsync(results, TestContext.Current.CancellationToken))!;
        Assert.Equal(promotes, (bool)json["gate"]!["promoted"]!);
        Assert.Equal(0.1, (double)json["figures"]!["wer.unseen"]!["value"]!, 3);
        Assert.Equal(["greedy", "beam", "lexicon", "grammar"], json["samples"]!.AsArray().Select(s => (string)s!["decoder"]!).Distinct());
        Assert.Equal(3 * 4, json["samples"]!.AsArray().Count);
    }
}
