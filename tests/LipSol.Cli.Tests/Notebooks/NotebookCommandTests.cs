using System.Text.Json.Nodes;
using System.Xml.Linq;
using LipSol.Cli.Tests.Programs;

namespace LipSol.Cli.Tests.Notebooks;

/// <summary>Notebooks without a front end and without a node.</summary>
public sealed class NotebookCommandTests : IDisposable
{
    private readonly TemporaryFolder scratch = new();

    public void Dispose() => scratch.Dispose();

    [Theory]
    [InlineData(false, 3, "failures=1 skipped=0")]
    [InlineData(true, 2, "failures=1 skipped=1")]
    public async Task A_report_tells_how_each_cell_ended_and_the_first_failure_may_be_the_end(bool failFast, int ran, string counted)
    {
        var book = Notebook("int epochs = 1;", "throw new System.Exception(\"on purpose\");", "epochs");
        var answer = (await RunAsync(["run", book, "--no-node", "-p", "epochs=3", "--junit", scratch["report.xml"], "--out", scratch["out.ipynb"], .. failFast ? new[] { "--fail-fast" } : []])).With(1);
        Assert.Contains("cell 3", answer.Errors);
        Assert.Contains("on purpose", answer.Errors);
        Assert.Contains($"{ran + 1} of 4 cells", answer.Output);
        var suite = XDocument.Load(scratch["report.xml"]).Root!.Element("testsuite")!;
        Assert.Equal(counted, $"failures={suite.Attribute("failures")!.Value} skipped={suite.Attribute("skipped")!.Value}");
        // The value that was given took effect behind the default.
        Assert.Equal(!failFast, (await File.ReadAllTextAsync(scratch["out.ipynb"], TestContext.Current.CancellationToken)).Contains("<pre>3</pre>", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_was_executed_is_stripped_before_it_is_stored_and_only_allowed_packages_pass()
    {
        var book = Notebook("int epochs = 1;", "epochs");
        (await RunAsync("run", book, "--no-node", "--out", scratch["out.ipynb"])).With(0);
        Assert.Contains("holds outputs", (await RunAsync("check", scratch["out.ipynb"])).With(2).Output);
        Assert.Contains("stripped", (await RunAsync("strip", scratch["out.ipynb"])).With(0).Output);
        Assert.Contains("ok", (await RunAsync("check", scratch["out.ipynb"])).With(0).Output);
        Assert.All(JsonNode.Parse(await File.ReadAllTextAsync(scratch["out.ipynb"], TestContext.Current.CancellationToken))!["cells"]!.AsArray(), cell =>
        {
            Assert.Empty(cell!["outputs"]!.AsArray());
            Assert.Null(cell["execution_count"]);
        });
        var foreign = Notebook("int epochs = 1;", "#r \"nuget: Elsewhere, 1.0.0\"");
        Assert.Contains("--allow Elsewhere", (await RunAsync("check", foreign)).With(2).Output);
        (await RunAsync("check", foreign, "--allow", "Elsewhere")).With(0);
    }

    [Fact]
    public async Task What_cannot_be_run_is_refused_before_a_node_is_started_for_it()
    {
        var sound = Notebook("int epochs = 1;", "epochs");
        (string Says, string[] Arguments)[] refused =
        [
            ("empty.ipynb isn't a notebook", [scratch.Write("empty.ipynb", "")]),
            ("cut.ipynb isn't a notebook", [scratch.Write("cut.ipynb", (await File.ReadAllTextAsync(sound, TestContext.Current.CancellationToken))[..40])]),
            ("no parameter seed", [sound, "-p", "seed=1"]),
            ("epochs", [sound, "-p", "epochs=many"]),
        ];
        foreach (var (says, arguments) in refused) Assert.Contains(says, (await RunAsync(["run", .. arguments])).With(2).Errors);
        Assert.False(Directory.Exists(scratch["data"]), "a node was started");
    }

    private Task<Answer> RunAsync(params string[] arguments) => LipSolProgram.RunAsync(scratch["data"], ["notebook", .. arguments]);

    private string Notebook(string parameters, params string[] cells) => scratch.Write($"{Guid.NewGuid():N}.ipynb", new JsonObject
    {
        ["cells"] = new JsonArray([Cell(parameters, "parameters"), .. cells.Select(c => Cell(c))]),
        ["metadata"] = new JsonObject(),
        ["nbformat"] = 4,
        ["nbformat_minor"] = 5,
    }.ToJsonString());

    private static JsonObject Cell(string source, params string[] tags) => new()
    {
        ["cell_type"] = "code",
        ["execution_count"] = null,
        ["id"] = Guid.NewGuid().ToString("N"),
        ["metadata"] = new JsonObject { ["tags"] = new JsonArray([.. tags.Select(t => JsonValue.Create(t))]) },
        ["outputs"] = new JsonArray(),
        ["source"] = source,
    };
}
