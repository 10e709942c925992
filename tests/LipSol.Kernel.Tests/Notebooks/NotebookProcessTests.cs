using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using LipSol.Kernel.Notebooks;
using LipSol.Kernel.Tests.Jupyter;
using static LipSol.Kernel.Tests.Notebooks.SampleNotebook;

namespace LipSol.Kernel.Tests.Notebooks;

/// <summary>Notebooks in a process of their own, as the command line runs them.</summary>
public sealed class NotebookProcessTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("int F(int x) => x + F(x + 1); F(0)", "its stack overflowed")]
    [InlineData("Environment.Exit(0);", "the process was ended, with exit status 0")]
    [InlineData("Environment.Exit(7);", "the process was ended, with exit status 7")]
    [InlineData("new System.Threading.Thread(() => throw new Exception(\"lost\")).Start(); System.Threading.Thread.Sleep(-1);", "an exception that nobody caught")]
    [InlineData("System.Diagnostics.Process.GetCurrentProcess().Kill(); System.Threading.Thread.Sleep(-1);", "it was killed")]
    public async Task A_cell_that_ends_the_process_is_named_and_what_came_before_is_kept(string cell, string said)
    {
        var result = await RunAsync(Of(Code("Console.WriteLine(\"before\");"), Markdown("## The step"), Code(cell), Code("Console.WriteLine(\"after\");")), o => o with { CellTimeout = TimeSpan.FromMinutes(1) });
        var failure = Assert.Single(result.Failures);
        Assert.Equal((2, "The step", "KernelDied"), (failure.Cell, failure.Title, failure.Error.Name));
        Assert.Contains(said, failure.Error.Message);
        Assert.DoesNotContain(failure.Error.Traceback, l => l.Contains("LipSol.Kernel.", StringComparison.Ordinal));
        Assert.Equal((2, 3), (result.CellsRun, result.Cells));
        var cells = JsonNode.Parse(await ReadAsync("done.ipynb"))!["cells"]!.AsArray();
        Assert.Equal("before\n", (string)cells[0]!["outputs"]![0]!["text"]![0]!);
        Assert.Equal("KernelDied", (string)cells[2]!["outputs"]![0]!["ename"]!);
        Assert.Contains("The kernel died while this cell ran", await ReadAsync("done.html"));
        var cases = XDocument.Parse(await ReadAsync("done.xml")).Descendants("testcase").ToList();
        Assert.Equal(["1 Console.WriteLine(\"before\");", "2 The step", "3 The step"], cases.Select(c => c.Attribute("name")!.Value));
        Assert.Equal("KernelDied", cases[1].Element("failure")!.Attribute("type")!.Value);
        Assert.NotNull(cases[2].Element("skipped"));
    }

    [Theory]
    [InlineData(false, 3, 1, 0)]
    [InlineData(true, 2, 1, 1)]
    public async Task Cells_behind_one_that_fails_run_too_unless_it_is_to_end_there(bool failFast, int ran, int failed, int skipped)
    {
        var result = await RunAsync(Of(Code("Console.WriteLine(\"one\");"), Code("throw new Exception(\"a \u001b[31mred\u001b[0m word\");"), Code("Console.WriteLine(\"three\");")), o => o with { FailFast = failFast });
        Assert.Equal((ran, failed), (result.CellsRun, result.Failures.Count));
        var suite = XDocument.Parse(await ReadAsync("done.xml")).Root!.Element("testsuite")!;
        Assert.Equal(("book", "3", $"{failed}", $"{skipped}"), (suite.Attribute("name")!.Value, suite.Attribute("tests")!.Value, suite.Attribute("failures")!.Value, suite.Attribute("skipped")!.Value));
        Assert.Equal("one\n", suite.Elements("testcase").First().Element("system-out")!.Value);
        Assert.Contains("red", suite.Descendants("failure").Single().Value);
        Assert.Equal(!failFast, (await ReadAsync("done.ipynb")).Contains("\"three\\n\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Stopped_it_writes_what_there_is()
    {
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync(
            Of(Code("Console.WriteLine(\"begun\"); while (true) { }")), o => o with { Progress = p => { if (p.Output is not null) stop.Cancel(); } }, stop.Token));
        Assert.Contains("begun", await ReadAsync("done.ipynb"));
    }

    [Fact]
    public async Task A_thread_that_a_cell_leaves_behind_keeps_nobody_waiting()
    {
        var result = await RunAsync(Of(Code("new System.Threading.Thread(() => { while (true) { Console.WriteLine(\"on and on\"); System.Threading.Thread.Sleep(1); } }).Start();"), Code("1 + 1")));
        Assert.Empty(result.Failures);
        Assert.Equal(2, result.CellsRun);
    }

    [Fact]
    public async Task What_cannot_be_written_is_told_before_anything_runs_and_one_file_costs_no_other()
    {
        var ran = _folder["ran"];
        var book = Of(Code($"System.IO.File.WriteAllText(\"{ran}\", \"\");"), Code($"System.IO.Directory.CreateDirectory(\"{_folder["done.ipynb"]}\");"));
        Directory.CreateDirectory(_folder["folder"]);
        Assert.Contains("is a folder", (await Assert.ThrowsAsync<IOException>(() => RunAsync(book, o => o with { HtmlPath = _folder["folder"] }))).Message);
        Assert.False(File.Exists(ran));
        // One that stops being writable meanwhile.
        var error = await Assert.ThrowsAsync<IOException>(() => RunAsync(book));
        var kept = error.Message[(error.Message.LastIndexOf(" in ", StringComparison.Ordinal) + 4)..].TrimEnd('.');
        Assert.Contains("CreateDirectory", await File.ReadAllTextAsync(kept, TestContext.Current.CancellationToken));
        Directory.Delete(Path.GetDirectoryName(kept)!, recursive: true);
        Assert.Contains("CreateDirectory", await ReadAsync("done.html"));
        Assert.Equal(2, XDocument.Parse(await ReadAsync("done.xml")).Descendants("testcase").Count());
    }

    [Fact]
    public async Task What_is_refused_is_refused_with_the_same_words()
    {
        Assert.Contains("isn't JSON", (await Assert.ThrowsAsync<NotebookFormatException>(() => RunAsync("{"))).Message);
        Assert.Contains("has no parameter x", (await Assert.ThrowsAsync<NotebookParameterException>(() =>
            RunAsync(Of(Code("int epochs = 1;", "parameters")), o => o with { Parameters = new Dictionary<string, string> { ["x"] = "1" } }))).Message);
    }

    [Fact]
    public async Task A_kernel_that_does_not_start_is_told_with_its_words()
    {
        var error = await Assert.ThrowsAsync<NotebookKernelException>(() => NotebookProcess.RunAsync(
            new NotebookRunOptions { NotebookPath = _folder.Write("book.ipynb", Of(Code("1"))) }, new ProcessStartInfo("/bin/sh", ["-c", "echo no such library >&2; exit 5"]), TestContext.Current.CancellationToken));
        Assert.Contains("exit status 5", error.Message);
        Assert.Contains("no such library", error.Message);
    }

    [Fact]
    public async Task A_package_without_a_network_fails_its_cell_with_the_reason()
    {
        var program = new ProcessStartInfo("dotnet", [KernelProcess.Program, "notebook", "cells"]);
        foreach (var proxy in new[] { "http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY" }) program.Environment[proxy] = "http://127.0.0.1:9";
        program.Environment["LIPSOL_CACHE"] = _folder["cache"];
        program.Environment["NUGET_PACKAGES"] = _folder["packages"];
        program.Environment["NUGET_HTTP_CACHE_PATH"] = _folder["answers"];
        var result = await NotebookProcess.RunAsync(new NotebookRunOptions { NotebookPath = _folder.Write("book.ipynb", Of(Code("#r \"nuget: Serilog, 4.3.0\""))) }, program, TestContext.Current.CancellationToken);
        var error = Assert.Single(result.Failures).Error;
        Assert.Equal("PackageError", error.Name);
        Assert.Contains("to ask for Serilog 4.3.0", error.Message);
        Assert.Contains("Connection refused", error.Message);
    }

    private Task<NotebookRunResult> RunAsync(string notebook, Func<NotebookRunOptions, NotebookRunOptions>? change = null, CancellationToken cancellation = default)
    {
        var options = new NotebookRunOptions
        {
            NotebookPath = _folder.Write("book.ipynb", notebook),
            OutputPath = _folder["done.ipynb"],
            HtmlPath = _folder["done.html"],
            JUnitPath = _folder["done.xml"],
            FailFast = false,
        };
        return NotebookProcess.RunAsync(change?.Invoke(options) ?? options, new ProcessStartInfo("dotnet", [KernelProcess.Program, "notebook", "cells"]), cancellation);
    }

    private Task<string> ReadAsync(string file) => File.ReadAllTextAsync(_folder[file], TestContext.Current.CancellationToken);
}
