using System.Text.Json.Nodes;
using LipSol.Kernel.Notebooks;

namespace LipSol.Kernel.Tests.Notebooks;

public sealed class NotebookFilesTests
{
    [Fact]
    public async Task Notebooks_are_stored_without_outputs_with_tagged_parameters_and_only_our_packages()
    {
        foreach (var path in Directory.EnumerateFiles(RepositoryRoot.In("notebooks"), "*.ipynb"))
        {
            var notebook = await NotebookFile.ReadAsync(path, TestContext.Current.CancellationToken);
            Assert.Empty(NotebookProblems.Of(notebook, path, NotebookProblems.OwnPackages));
            var code = notebook.Cells.Where(c => c.IsCode).ToArray();
            Assert.Contains(NotebookParameters.Tag, code[0].Tags);
            Assert.NotEmpty(NotebookParameters.Of(notebook));
            var references = code.SelectMany(c => c.Source.Split('\n')).Where(l => l.StartsWith("#r", StringComparison.Ordinal)).ToArray();
            Assert.All(references, r => Assert.Matches("^#r \"nuget: LipSol\\.Notebooks, 0\\.1\\.0-\\*\"$", r));
            var json = JsonNode.Parse(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken))!;
            Assert.Equal(".net-csharp", (string)json["metadata"]!["kernelspec"]!["name"]!);
            Assert.NotNull(json["metadata"]!["polyglot_notebook"]!["kernelInfo"]);
        }
    }

    [Theory]
    [InlineData("1\n#!pwsh\nls", "cell 2: Line 2: this kernel has no magic #!pwsh")]
    [InlineData("#!time\n#r \"nuget: Elsewhere, 1.0.0\"", "cell 2: Line 2: the package Elsewhere isn't one that notebooks here use (LipSol.Client, LipSol.Notebooks). If it may be, say --allow Elsewhere.")]
    [InlineData("#!fsharp\n#r \"nuget: Elsewhere, 1.0.0\"", "cell 2: Line 2: the package Elsewhere")]
    [InlineData("#r \"of-mine.dll\"", "cell 2: Line 1: of-mine.dll is a file of one machine")]
    public void What_others_could_not_run_is_told_without_running_the_cell(string source, string said)
    {
        Assert.StartsWith(said, Assert.Single(Problems(SampleNotebook.Code("int epochs = 5;", "parameters"), SampleNotebook.Markdown("# x"), SampleNotebook.Code(source))));
        Assert.Empty(NotebookProblems.Of(Notebook(SampleNotebook.Code("int epochs = 5;", "parameters"), SampleNotebook.Code("#r \"nuget: Elsewhere, 1.0.0\"")), "book.ipynb", new HashSet<string> { "Elsewhere" }));
    }

    [Fact]
    public void Outputs_and_parameters_without_a_tag_are_told_and_all_at_once()
    {
        var shown = SampleNotebook.Code("1");
        shown["execution_count"] = 1;
        var problems = Problems(shown, SampleNotebook.Code("#!pwsh"));
        Assert.Equal(3, problems.Count);
        Assert.Contains("lipsol notebook strip book.ipynb", problems[0]);
        Assert.StartsWith("no code cell is tagged 'parameters'", problems[1]);
        Assert.StartsWith("2 cells are tagged", Assert.Single(Problems(SampleNotebook.Code("int a = 1;", "parameters"), SampleNotebook.Code("int b = 1;", "parameters"))));
    }

    private static NotebookFile Notebook(params JsonObject[] cells) => NotebookFile.Parse(SampleNotebook.Of(cells), "book.ipynb");

    private static IReadOnlyList<string> Problems(params JsonObject[] cells) => NotebookProblems.Of(Notebook(cells), "book.ipynb", NotebookProblems.OwnPackages);
}
