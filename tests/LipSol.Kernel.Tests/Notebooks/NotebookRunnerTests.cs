using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using LipSol.Kernel.Notebooks;
using static LipSol.Kernel.Tests.Notebooks.SampleNotebook;

namespace LipSol.Kernel.Tests.Notebooks;

/// <summary>The runner changes the process's folder, so these tests take turns.</summary>
[Collection("process folder")]
public sealed partial class NotebookRunnerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_executed_notebook_holds_counts_outputs_and_the_last_state_of_its_displays()
    {
        _folder.Write("here.txt", "found");
        var result = await RunAsync(Of(
            Markdown("# A title\n\nText"),
            Code("var d = KernelInvocationContext.Current.Display(HTML(\"one\"), \"text/html\"); Console.Write(\"a\"); Console.Write(\"b\\n\");"),
            Code("d.Update(HTML(\"two\")); System.IO.File.ReadAllText(\"here.txt\")")));
        Assert.True(result.Succeeded);
        Assert.Equal((2, 2), (result.CellsRun, result.Cells));

        var json = JsonNode.Parse(await File.ReadAllTextAsync(_folder["out/done.ipynb"], TestContext.Current.CancellationToken))!;
        Assert.Equal((4, 5), ((int)json["nbformat"]!, (int)json["nbformat_minor"]!));
        var cells = json["cells"]!.AsArray();
        Assert.All(cells, c => Assert.NotNull(c!["id"]));
        Assert.Equal(1, (int)cells[1]!["execution_count"]!);
        Assert.Equal("two", (string)cells[1]!["outputs"]![0]!["data"]!["text/html"]![0]!);
        Assert.Equal("ab\n", (string)cells[1]!["outputs"]![1]!["text"]![0]!);
        Assert.Equal("execute_result", (string)cells[2]!["outputs"]![0]!["output_type"]!);
        Assert.Equal("found", (string)cells[2]!["outputs"]![0]!["data"]!["text/plain"]![0]!);
        Assert.Null(cells[0]!["outputs"]);
    }

    [Fact]
    public async Task The_outcome_is_written_before_whoever_keeps_it_with_a_run_is_asked_to()
    {
        var result = await RunAsync(Of(Code("""
            var told = ((System.Func<System.Collections.Generic.IReadOnlyDictionary<string, object?>?>)System.AppContext.GetData("LipSol.Notebook")!)()!;
            var executed = (System.Action<System.Func<byte[], System.Threading.CancellationToken, System.Threading.Tasks.Task>>)told["executed"]!;
            var done = System.IO.Path.GetFullPath("out/done.ipynb");
            executed((bytes, _) =>
            {
                System.IO.File.WriteAllText(System.IO.Path.ChangeExtension(done, ".seen"), System.IO.File.Exists(done).ToString());
                throw new System.InvalidOperationException("A node that takes nothing.");
            });
            """)));
        Assert.True(result.Succeeded, result.Failures.FirstOrDefault()?.Error.Message);
        Assert.Equal("True", await File.ReadAllTextAsync(_folder["out/done.seen"], TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_is_kept_with_a_run_holds_no_token_wherever_it_came_from()
    {
        const string Tells = """
            var told = ((System.Func<System.Collections.Generic.IReadOnlyDictionary<string, object?>?>)System.AppContext.GetData("LipSol.Notebook")!)()!;
            var executed = (System.Action<System.Func<byte[], System.Threading.CancellationToken, System.Threading.Tasks.Task>>)told["executed"]!;
            var kept = System.IO.Path.GetFullPath("kept.txt");
            Console.WriteLine("said: " + token + password); // of-the-"file"
            executed((bytes, _) => System.IO.File.WriteAllTextAsync(kept, told["source"] + "// the notebook:\n" + System.Text.Encoding.UTF8.GetString(bytes)));
            """;
        var result = await RunAsync(Of(Code("string token = \"\"; string password = \"of-the-\\\"file\\\"\"; string secret = null; int maxTokens = 2048; bool tokens = true;", "parameters"), Code(Tells)), new() { ["token"] = "hush-hush" });
        Assert.True(result.Succeeded, result.Failures.FirstOrDefault()?.Error.Message);
        // What isn't a text is no secret, and what is left is a notebook.
        Assert.NotNull(JsonNode.Parse((await File.ReadAllTextAsync(_folder["kept.txt"], TestContext.Current.CancellationToken)).Split("// the notebook:\n")[^1]));
        var kept = await File.ReadAllTextAsync(_folder["kept.txt"], TestContext.Current.CancellationToken);
        Assert.Contains("said: ", kept);
        Assert.DoesNotContain("hush-hush", kept);
        Assert.DoesNotContain("of-the-", kept);
    }

    [Fact]
    public async Task Parameters_take_effect_after_the_defaults_and_tokens_are_never_written_down()
    {
        var notebook = Of(Code("string server = \"\"; string token = \"\"; int epochs = 5; double rate = 1e-3; var quick = false;", "parameters"),
            Code("$\"{server} {token.Length} {epochs} {rate} {quick}\""));
        var result = await RunAsync(notebook, new() { ["server"] = "http://x/\"y\"", ["token"] = "hush-hush", ["epochs"] = "7", ["rate"] = "0.5", ["quick"] = "true" });
        Assert.True(result.Succeeded, result.Failures.FirstOrDefault()?.Error.Message);
        var written = await File.ReadAllTextAsync(_folder["out/done.ipynb"], TestContext.Current.CancellationToken);
        Assert.Contains("http://x/\\\"y\\\" 9 7 0.5 True", written);
        Assert.Contains("injected-parameters", written);
        Assert.DoesNotContain("hush-hush", written);
        Assert.DoesNotContain("hush-hush", await File.ReadAllTextAsync(_folder["out/done.html"], TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("epochs", "many", "a whole number")]
    [InlineData("epochs", "1.5", "a whole number")]
    [InlineData("rate", "NaN", "a number")]
    [InlineData("epoch", "5", "no parameter epoch. It has: epochs, rate")]
    public async Task A_wrong_parameter_is_refused_before_anything_runs(string name, string value, string said)
    {
        var notebook = Of(Code("int epochs = 5; var rate = 0.1;", "parameters"), Code("System.IO.File.WriteAllText(\"ran\", \"\");"));
        var error = await Assert.ThrowsAsync<NotebookParameterException>(() => RunAsync(notebook, new() { [name] = value }));
        Assert.Contains(said, error.Message);
        Assert.False(File.Exists(_folder["ran"]));
    }

    [Fact]
    public async Task A_failing_cell_ends_the_run_and_what_was_shown_is_kept()
    {
        var result = await RunAsync(Of(Code("Console.WriteLine(\"before\");"), Markdown("## The step"), Code("\nthrow new Exception(\"broken\");"), Code("Console.WriteLine(\"after\");")));
        var failure = Assert.Single(result.Failures);
        Assert.Equal((2, "The step", "broken"), (failure.Cell, failure.Title, failure.Error.Message));
        Assert.Equal((2, 3), (result.CellsRun, result.Cells));
        var written = await File.ReadAllTextAsync(_folder["out/done.ipynb"], TestContext.Current.CancellationToken);
        Assert.Contains("before", written);
        Assert.Contains("cell 2, line 2", written);
        Assert.DoesNotContain("after\\n\"", written);
        var html = await File.ReadAllTextAsync(_folder["out/done.html"], TestContext.Current.CancellationToken);
        Assert.Contains("broken", html);
        Assert.Contains("stopped at an error", html);
    }

    [Fact]
    public async Task A_cell_that_waits_for_ever_runs_out_of_time_and_the_outcome_is_written()
    {
        // The time that it has covers its compilation by a compiler that is cold.
        var result = await RunAsync(Of(Code("Console.WriteLine(\"begun\"); await new TaskCompletionSource().Task;"), Code("1")), change: o => o with { CellTimeout = TimeSpan.FromSeconds(10) });
        Assert.Equal("Timeout", Assert.Single(result.Failures).Error.Name);
        Assert.Equal(1, result.CellsRun);
        var written = await File.ReadAllTextAsync(_folder["out/done.ipynb"], TestContext.Current.CancellationToken);
        Assert.Contains("begun", written);
        Assert.Contains("still running after 10 seconds", written);
    }

    [Fact]
    public async Task Cancelling_the_run_writes_what_there_is()
    {
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync(
            Of(Code("Console.WriteLine(\"begun\"); await Task.Delay(-1, KernelInvocationContext.Current.CancellationToken);")),
            change: o => o with { Progress = p => { if (p.Output is not null) stop.Cancel(); } }, cancellation: stop.Token));
        Assert.Contains("begun", await File.ReadAllTextAsync(_folder["out/done.ipynb"], TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Progress_names_the_step_by_the_heading_above_it()
    {
        var seen = new List<string>();
        await RunAsync(Of(Markdown("# One\n## Two"), Code("1"), Code("2"), Code("")), change: o => o with { Progress = p => { if (p.Output is null && p.Result is null) seen.Add($"{p.Cell}/{p.Cells} {p.Title}"); } });
        Assert.Equal(["1/2 Two", "2/2 Two"], seen);
    }

    [Theory]
    [InlineData("{ \"cells\": [", "isn't JSON")]
    [InlineData("[]", "no nbformat number")]
    [InlineData("{}", "no nbformat number")]
    [InlineData("{\"nbformat\": 3, \"worksheets\": []}", "nbformat 3")]
    [InlineData("{\"nbformat\": 5, \"cells\": []}", "newer")]
    [InlineData("{\"nbformat\": 4}", "no list of cells")]
    [InlineData("{\"nbformat\": 4, \"cells\": [{}]}", "cell 1 has no type")]
    [InlineData("{\"nbformat\": 4, \"metadata\": 7, \"cells\": [7]}", "isn't a valid notebook")]
    public async Task What_is_no_notebook_of_format_4_is_refused_with_the_reason(string json, string said)
    {
        var error = await Assert.ThrowsAsync<NotebookFormatException>(() => RunAsync(json));
        Assert.Contains(said, error.Message);
        Assert.Contains("book.ipynb", error.Message);
    }

    [Fact]
    public async Task The_page_stands_alone_and_shows_code_text_and_pictures()
    {
        await File.WriteAllBytesAsync(_folder["dot.png"], Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABpfZFQAAAAABJRU5ErkJggg=="), TestContext.Current.CancellationToken);
        await RunAsync(Of(
            Markdown("# لب خوانی\n\nیہ اردو ہے\n\n![dot](dot.png) ![far](https://example.com/far.png)"),
            Code("// a comment\nvar word = \"ہاں\";\nHTML(\"<b>bold</b><img src='https://example.com/x.png'>\")")));
        var html = await File.ReadAllTextAsync(_folder["out/done.html"], TestContext.Current.CancellationToken);
        Assert.Contains("src=\"data:image/png;base64,", html);
        Assert.Contains("<h1 dir=\"auto\"", html);
        Assert.Contains("<span class=\"c\">// a comment</span>", html);
        Assert.Contains("prefers-color-scheme: dark", html);
        Assert.Contains("default-src 'none'", html);
        Assert.DoesNotContain("<script", html);
        Assert.DoesNotContain("<link", html);
        Assert.DoesNotMatch(FetchedByOurMarkup(), html.Replace("<img src='https://example.com/x.png'>", ""));
    }

    [Fact]
    [Trait("Category", "Long")]
    public async Task An_executed_notebook_is_valid_to_jupyters_own_reader()
    {
        await RunAsync(Of(Markdown("# A"), Code("display(1); Console.Write(2); \"3\""), Code("throw new Exception();")));
        const string Script = "import sys\ntry:\n    import nbformat\nexcept ImportError:\n    sys.exit(3)\nnbformat.validate(nbformat.read(sys.argv[1], 4))";
        if (!File.Exists("/usr/bin/python3"))
            Assert.Skip("There is no /usr/bin/python3.");
        using var python = System.Diagnostics.Process.Start("/usr/bin/python3", ["-c", Script, _folder["out/done.ipynb"]]);
        await python.WaitForExitAsync(TestContext.Current.CancellationToken);
        if (python.ExitCode == 3)
            Assert.Skip("nbformat isn't installed (apt-get install python3-nbformat).");
        Assert.Equal(0, python.ExitCode);
    }

    [GeneratedRegex("(src|srcset)=[\"'](?!data:)|url\\((?!data:)|@import")]
    private static partial Regex FetchedByOurMarkup();

    private Task<NotebookRunResult> RunAsync(string notebook, Dictionary<string, string>? parameters = null, Func<NotebookRunOptions, NotebookRunOptions>? change = null,
        CancellationToken cancellation = default)
    {
        var options = new NotebookRunOptions
        {
            NotebookPath = _folder.Write("book.ipynb", notebook),
            Parameters = parameters ?? [],
            OutputPath = _folder["out/done.ipynb"],
            HtmlPath = _folder["out/done.html"],
        };
        return NotebookRunner.RunAsync(change?.Invoke(options) ?? options, cancellation);
    }
}
