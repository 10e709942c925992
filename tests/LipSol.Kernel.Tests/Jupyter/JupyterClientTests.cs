using System.Diagnostics;
using System.Text.Json.Nodes;
using LipSol.Kernel.Tests.Notebooks;
using static LipSol.Kernel.Tests.Notebooks.SampleNotebook;

namespace LipSol.Kernel.Tests.Jupyter;

/// <summary>Jupyter's own client, as Debian packages it, with the kernelspec that the command line installs. The headless runner changes the process's folder, so these tests take turns with others that do.</summary>
[Collection("process folder")]
public sealed class JupyterClientTests : IDisposable
{
    private const string Python = "/usr/bin/python3";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_runs_a_notebook_and_the_outputs_are_those_of_the_headless_runner()
    {
        await ReadyAsync();
        var notebook = Of(
            Markdown("# A notebook"),
            Code("var words = new[] { \"ہاں\", \"نہیں\" };\nConsole.WriteLine(words.Length);", "parameters"),
            Code("var d = KernelInvocationContext.Current.Display(HTML(\"<b>one</b>\"), \"text/html\"); d.Update(HTML(\"<b>two</b>\"));"),
            Code("#!html\n<i>said</i>"),
            Code("#!fsharp\n#!share --from csharp words\nlet lengths = words |> Array.map String.length\nprintfn \"%A\" lengths"),
            Code("#!share lengths --from fsharp\nawait Task.Delay(10); words[0] + lengths.Sum()"));
        var there = _folder.Write("book.ipynb", notebook);
        await ExecuteAsync(there, ".net-csharp", _folder.Path);

        await LipSol.Kernel.Notebooks.NotebookRunner.RunAsync(new() { NotebookPath = there, OutputPath = _folder["ours.ipynb"] }, TestContext.Current.CancellationToken);
        Assert.Equal(Outputs("ours.ipynb"), Outputs("theirs.ipynb"));
        Assert.Contains("<b>two</b>", Outputs("theirs.ipynb"));
        Assert.Contains("[|3; 4|]", Outputs("theirs.ipynb"));
    }

    [Theory]
    [InlineData("00-welcome")]
    [InlineData("01-first-experiment")]
    [InlineData("02-reading-sentences")]
    [InlineData("03-find-the-best-parameters")]
    [InlineData("04-daily-pipeline")]
    [InlineData("05-your-own-model")]
    [InlineData("06-from-recordings-to-a-model", "recordings=.", "corpus=urdu-demo", "model=urdu-words")]
    public async Task Each_notebook_gives_in_Jupyter_what_it_gives_headless_and_nbconvert_makes_a_page_of_it(string name, params string[] parameters)
    {
        await ReadyAsync();
        var notebook = RepositoryRoot.In("notebooks", name + ".ipynb");
        string url;
        using (var node = new CannedNode(promotes: true, sentences: name.StartsWith("02", StringComparison.Ordinal)))
        {
            url = node.Url;
            var result = await LipSol.Kernel.Notebooks.NotebookRunner.RunAsync(new()
            {
                NotebookPath = notebook,
                Parameters = parameters.Select(p => p.Split('=')).Append(["server", url]).ToDictionary(p => p[0], p => p[1]),
                OutputPath = _folder["ours.ipynb"],
                PackageCache = _folder["cache/notebook-packages"],
            }, TestContext.Current.CancellationToken);
            Assert.True(result.Succeeded, string.Join('\n', result.Failures.SelectMany(f => f.Error.Traceback)));
        }

        // A node of its own, as new as the other was; the executed notebook holds the parameters.
        using var other = new CannedNode(promotes: true, sentences: name.StartsWith("02", StringComparison.Ordinal));
        var there = _folder.Write("there.ipynb", (await File.ReadAllTextAsync(_folder["ours.ipynb"], TestContext.Current.CancellationToken)).Replace(url, other.Url, StringComparison.Ordinal));
        await ExecuteAsync(there, ".net-csharp", Path.GetDirectoryName(notebook)!);
        Assert.Contains("class=\"lipsol\"", Outputs("theirs.ipynb"));
        Assert.Equal(Outputs("ours.ipynb").Replace(url, "node"), Outputs("theirs.ipynb").Replace(other.Url, "node"));
    }

    /// <summary>The kernel that the notebooks were written for, which its owners no longer care for: the same files, but that its <c>#i</c> lines want the whole path.</summary>
    [Theory]
    [Trait("Category", "Long")]
    [InlineData("00-welcome")]
    [InlineData("01-first-experiment")]
    [InlineData("02-reading-sentences")]
    [InlineData("03-find-the-best-parameters")]
    [InlineData("04-daily-pipeline")]
    [InlineData("05-your-own-model")]
    [InlineData("06-from-recordings-to-a-model", "string recordings = \\\"\\\"", "string recordings = \\\".\\\"", "\\\"recordings\\\";", "\\\"urdu-demo\\\";", "recorded-words", "urdu-words")]
    public async Task Each_notebook_runs_in_dotnet_interactive_too(string name, params string[] replaced)
    {
        await ReadyAsync();
        var interactive = await DotnetInteractive.GetAsync();
        using var node = new CannedNode(promotes: true, sentences: name.StartsWith("02", StringComparison.Ordinal));
        var notebook = await File.ReadAllTextAsync(RepositoryRoot.In("notebooks", name + ".ipynb"), TestContext.Current.CancellationToken);
        foreach (var (old, other) in replaced.Chunk(2).Select(p => (p[0], p[1])).Append(("../.build/feed", RepositoryRoot.In(".build", "feed"))).Append(("string server = \\\"\\\"", $"string server = \\\"{node.Url}\\\"")))
        {
            Assert.Contains(old, notebook);
            notebook = notebook.Replace(old, other, StringComparison.Ordinal);
        }

        _folder.Write("jupyter/kernels/dotnet-interactive/kernel.json", new JsonObject
        {
            ["argv"] = new JsonArray(interactive, "jupyter", "--default-kernel", "csharp", "{connection_file}"),
            ["display_name"] = ".NET (C#)",
            ["language"] = "C#",
            ["env"] = new JsonObject { ["DOTNET_ROLL_FORWARD"] = "Major", ["DOTNET_INTERACTIVE_CLI_TELEMETRY_OPTOUT"] = "1" },
        }.ToJsonString());
        await ExecuteAsync(_folder.Write("there.ipynb", notebook), "dotnet-interactive", _folder.Path);
        var shown = Outputs("theirs.ipynb");
        Assert.DoesNotContain("error CS", shown);
        Assert.Contains("@font-face", shown);
        Assert.Contains("class=\"lipsol\"", shown);
    }

    [Fact]
    public async Task It_stops_at_a_failing_cell_interrupts_restarts_and_goes_on()
    {
        await ReadyAsync();
        var (status, output) = await PythonAsync("""
            import time
            from jupyter_client.manager import start_new_kernel
            manager, client = start_new_kernel(kernel_name=".net-csharp")
            try:
                def run(code):
                    return client.execute_interactive(code, timeout=60, output_hook=lambda m: None)["content"]
                assert run("var kept = 1;")["status"] == "ok"
                failed = run("\nthrow new Exception(\"no\");")
                assert failed["ename"] == "System.Exception", failed
                assert failed["traceback"][1].endswith("line 2"), failed
                busy = client.execute("while (true) { }")
                while True:
                    message = client.get_iopub_msg(timeout=60)
                    if message["msg_type"] == "execute_input" and message["parent_header"]["msg_id"] == busy: break
                manager.interrupt_kernel()
                while True:
                    reply = client.get_shell_msg(timeout=60)
                    if reply["parent_header"]["msg_id"] == busy: break
                assert reply["content"]["ename"] == "Cancelled", reply["content"]
                assert run("kept")["status"] == "ok"
                manager.restart_kernel(now=False)
                client.wait_for_ready(timeout=60)
                assert run("kept")["ename"] == "CompilationError"
                assert run("1 + 1")["status"] == "ok"
                assert "Console" in client.complete("Consol", reply=True, timeout=60)["content"]["matches"]
            finally:
                client.stop_channels()
                manager.shutdown_kernel()
            assert not manager.is_alive()
            """);
        Assert.True(status == 0, output);
    }

    /// <summary>Has nbclient run a notebook to <c>theirs.ipynb</c>, and nbconvert make a page of that.</summary>
    private async Task ExecuteAsync(string notebook, string kernel, string folder)
    {
        var (status, output) = await PythonAsync("""
            import sys, nbformat
            from nbclient import NotebookClient
            from nbconvert import HTMLExporter
            source, target, kernel, folder = sys.argv[1:]
            book = nbformat.read(source, 4)
            NotebookClient(book, timeout=180, kernel_name=kernel, resources={"metadata": {"path": folder}}).execute()
            nbformat.validate(book)
            nbformat.write(book, target)
            page, _ = HTMLExporter(template_name="basic").from_notebook_node(book)
            shown = [o for c in book.cells for o in c.get("outputs", []) if "class=\"lipsol\"" in str(o)]
            assert not shown or "class=\"lipsol\"" in page, "what is LipSol's isn't on the page"
            """, notebook, _folder["theirs.ipynb"], kernel, folder);
        Assert.True(status == 0, output);
    }

    private async Task ReadyAsync()
    {
        Assert.SkipUnless(File.Exists(Python), $"There is no {Python}.");
        var (status, output) = await PythonAsync("import nbclient, nbconvert, nbformat, jupyter_client");
        Assert.SkipUnless(status == 0, $"Jupyter's client isn't installed (apt-get install python3-nbclient python3-nbconvert): {output}");
        var (installed, said) = await RunAsync("dotnet", [KernelProcess.Program, "notebook", "install"]);
        Assert.True(installed == 0, said);
        Assert.True(File.Exists(_folder["jupyter/kernels/.net-csharp/kernel.json"]), said);
    }

    private Task<(int Status, string Output)> PythonAsync(string script, params string[] arguments) => RunAsync(Python, ["-c", script, .. arguments]);

    private async Task<(int Status, string Output)> RunAsync(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _folder.Path };
        start.Environment["JUPYTER_DATA_DIR"] = _folder["jupyter"];
        start.Environment["JUPYTER_RUNTIME_DIR"] = _folder["runtime"];
        start.Environment["LIPSOL_DATA"] = _folder["data"];
        start.Environment["LIPSOL_CACHE"] = _folder["cache"];
        using var process = Process.Start(start)!;
        var output = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, string.Concat(await output));
    }

    // Each with its kind, its name and what it shows. What text follows on itself counts as one: nbclient keeps it in as many parts as it came in.
    private string Outputs(string file)
    {
        var outputs = new List<(string Kind, string Shown)>();
        foreach (var cell in JsonNode.Parse(File.ReadAllText(_folder[file]))!["cells"]!.AsArray().Where(c => (string)c!["cell_type"]! == "code"))
        {
            var first = outputs.Count;
            foreach (var output in cell!["outputs"]!.AsArray())
            {
                var kind = $"{output!["output_type"]} {output["name"]}";
                var shown = Text(output["text"]) + string.Join(' ', (output["data"]?.AsObject() ?? []).Select(d => $"{d.Key}={Text(d.Value)}"));
                if (outputs.Count > first && kind.StartsWith("stream", StringComparison.Ordinal) && outputs[^1].Kind == kind)
                    outputs[^1] = (kind, outputs[^1].Shown + shown);
                else
                    outputs.Add((kind, shown));
            }
        }

        return string.Join('\n', outputs.Select(o => $"{o.Kind} {o.Shown}"));
    }

    private static string Text(JsonNode? node) => node is JsonArray lines ? string.Concat(lines.Select(l => l!.ToString())) : node?.ToString() ?? "";
}
