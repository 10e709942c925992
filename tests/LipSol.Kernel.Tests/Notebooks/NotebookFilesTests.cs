using System.Text.Json.Nodes;
using LipSol.Kernel.Notebooks;

namespace LipSol.Kernel.Tests.Notebooks;

public sealed class NotebookFilesTests
{
    [Fact]
    public async Task Notebooks_are_stored_without_outputs_with_tagged_parameters_and_only_our_packages()
    {
        foreach (var path in Directory.EnumerateFiles(Path.Combine(TestFolder.Repository, "notebooks"), "*.ipynb"))
        {
            var notebook = await NotebookFile.ReadAsync(path, TestContext.Current.CancellationToken);
            Assert.False(notebook.HasOutputs, $"{path} holds outputs");
            Assert.Empty(NotebookProblems.Of(notebook));
            var code = notebook.Cells.Where(c => c.IsCode).ToArray();
            Assert.Contains(NotebookParameters.Tag, code[0].Tags);
            Assert.NotEmpty(NotebookParameters.Of(notebook));
            var references = code.SelectMany(c => c.Source.Split('\n')).Where(l => l.StartsWith("#r", StringComparison.Ordinal)).ToArray();
            Assert.All(references, r => Assert.Matches("^#r \"nuget: LipSol\\.Notebooks, [0-9.]+\"$", r));
            var json = JsonNode.Parse(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken))!;
            Assert.Equal(".net-csharp", (string)json["metadata"]!["kernelspec"]!["name"]!);
            Assert.NotNull(json["metadata"]!["polyglot_notebook"]!["kernelInfo"]);
        }
    }

    [Fact]
    public void A_magic_that_the_kernel_lacks_is_told_without_running_the_cell()
    {
        var notebook = NotebookFile.Parse(SampleNotebook.Of(SampleNotebook.Code("#!time\n1"), SampleNotebook.Markdown("# x"), SampleNotebook.Code("1\n#!pwsh\nls")), "book.ipynb");
        var (cell, problem) = Assert.Single(NotebookProblems.Of(notebook));
        Assert.Equal(2, cell);
        Assert.StartsWith("Line 2: this kernel has no magic #!pwsh", problem);
    }
}
