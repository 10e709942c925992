using System.Diagnostics;
using LipSol.Kernel.Engine;

namespace LipSol.Kernel.Tests.Engine;

public sealed class CellEngineTests : IDisposable
{
    private readonly Cells _cells = new();

    public void Dispose() => _cells.Dispose();

    [Fact]
    public async Task What_one_cell_declares_the_next_one_sees()
    {
        await _cells.RunAsync("int x = 20; int Twice(int n) => 2 * n; record Word(string Text);");
        Assert.Equal("41", await _cells.ValueAsync("x = Twice(x); $\"{x + 1}\""));
        Assert.Equal("ہاں", await _cells.ValueAsync("new Word(\"ہاں\").Text"));
    }

    [Fact]
    public async Task A_cell_can_await_at_its_top() =>
        Assert.Equal("7", await _cells.ValueAsync("var seven = await Task.FromResult(7); await Task.Yield(); seven.ToString()"));

    [Fact]
    public async Task A_statement_has_no_value_and_neither_has_a_call_that_returns_none()
    {
        await _cells.RunAsync("var a = 1;");
        Assert.Empty(_cells.Outputs);
        await _cells.RunAsync("Console.Write(\"said\")");
        Assert.Equal("said", Assert.IsType<StreamOutput>(Assert.Single(_cells.Outputs)).Text);
    }

    [Fact]
    public async Task Streams_belong_to_their_cell_even_when_a_task_it_started_writes()
    {
        await _cells.RunAsync("Console.WriteLine(\"out\"); Console.Error.WriteLine(\"err\"); await Task.Run(() => Console.WriteLine(\"سلام\"));");
        Assert.Equal("out\nسلام\n", _cells.StandardOutput);
        Assert.Contains(_cells.Outputs, o => o is StreamOutput { Stream: "stderr", Text: "err\n" });
    }

    [Fact]
    public async Task Ten_threads_that_write_at_once_lose_nothing()
    {
        await _cells.RunAsync("await Task.WhenAll(Enumerable.Range(0, 10).Select(t => Task.Run(() => { for (var i = 0; i < 200; i++) Console.WriteLine($\"{t}:{i}\"); })));");
        Assert.Equal(2000, _cells.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries).Distinct().Count());
    }

    [Fact]
    public async Task A_display_is_updated_in_its_place_from_a_later_cell()
    {
        await _cells.RunAsync("using Microsoft.DotNet.Interactive; var shown = KernelInvocationContext.Current.Display(new { A = 1 }, \"text/html\");");
        var first = Assert.IsType<DisplayOutput>(Assert.Single(_cells.Outputs));
        Assert.Equal(["text/html"], first.Data.Keys);
        await _cells.RunAsync("shown.Update(HTML(\"<b>two</b>\"));");
        var update = Assert.IsType<DisplayUpdate>(Assert.Single(_cells.Outputs));
        Assert.Equal(first.DisplayId, update.DisplayId);
        Assert.Equal("<b>two</b>", update.Data["text/html"]);
    }

    [Fact]
    public async Task Values_are_shown_by_the_formatter_registered_for_them()
    {
        await _cells.RunAsync("""
            using Microsoft.DotNet.Interactive.Formatting;
            class Lip { }
            Formatter.Register<Lip>((_, writer) => writer.Write("<i>lip</i>"), "text/html");
            display(new Lip()); new Lip().Display();
            """);
        Assert.All(_cells.Outputs, o => Assert.Equal("<i>lip</i>", Assert.IsType<DisplayOutput>(o).Data["text/html"]));
        Assert.Equal(2, _cells.Outputs.Count);
        Assert.Equal("<i>lip</i>", await _cells.ValueAsync("new Lip()"));
    }

    [Fact]
    public async Task An_exception_names_the_cells_own_lines_and_nothing_of_the_kernels()
    {
        var result = await _cells.RunAsync("int Divide(int a, int b)\n{\n    return a / b;\n}\n\nvar zero = 0;\nDivide(1, zero)");
        Assert.Equal("System.DivideByZeroException", result.Error!.Name);
        Assert.Equal("   at Divide(Int32, Int32) in cell 1, line 3", result.Error.Traceback[1]);
        Assert.Equal("   at cell 1, line 7", result.Error.Traceback[2].Replace("in ", ""));
        Assert.Equal(3, result.Error.Traceback.Count);
    }

    [Fact]
    public async Task Async_frames_keep_their_lines_and_inner_exceptions_are_told()
    {
        var result = await _cells.RunAsync("""
            async Task Read()
            {
                await Task.Yield();
                try { throw new FormatException("inner"); }
                catch (Exception e) { throw new InvalidOperationException("outer", e); }
            }
            await Read();
            """);
        var trace = string.Join('\n', result.Error!.Traceback);
        Assert.Contains("Read() in cell 1, line 5", trace);
        Assert.Contains(" ---> System.FormatException: inner", trace);
        Assert.Contains("cell 1, line 7", trace);
        Assert.DoesNotContain("CodeAnalysis", trace);
        Assert.DoesNotContain("LipSol", trace);
        Assert.DoesNotContain("MoveNext", trace);
    }

    [Fact]
    public async Task A_compile_error_points_at_the_line_also_below_references()
    {
        var result = await _cells.RunAsync("#i \"nuget:.\"\nvar ok = 1;\n  undefined();");
        Assert.Equal("CompilationError", result.Error!.Name);
        Assert.StartsWith("(3,3): error CS0103", result.Error.Message);
        Assert.Contains("      ^", result.Error.Traceback);
    }

    [Fact]
    public async Task A_failing_cell_leaves_earlier_state_and_its_own_finished_lines()
    {
        await _cells.RunAsync("var kept = 1;");
        await _cells.RunAsync("kept = 2; throw new Exception(\"no\");");
        Assert.Equal("2", await _cells.ValueAsync("kept.ToString()"));
    }

    [Theory]
    [InlineData("#!html\n<b>x</b>", "text/html", "<b>x</b>")]
    [InlineData("#!markdown\n# سلام", "text/markdown", "# سلام")]
    public async Task Cells_in_another_language_are_displayed(string source, string mimeType, string text)
    {
        await _cells.RunAsync(source);
        Assert.Equal(text, Assert.IsType<DisplayOutput>(Assert.Single(_cells.Outputs)).Data[mimeType]);
    }

    [Fact]
    public async Task A_cell_can_change_its_language_and_line_numbers_stay()
    {
        var result = await _cells.RunAsync("#!html\n<b>x</b>\n#!csharp\nthrow new Exception(\"no\");");
        Assert.Contains("cell 1, line 4", result.Error!.Traceback[1]);
    }

    [Fact]
    public async Task An_unknown_magic_is_refused_with_those_that_are_known()
    {
        var result = await _cells.RunAsync("#!teleport now\n1");
        Assert.Equal("MagicError", result.Error!.Name);
        Assert.Contains("#!teleport", result.Error.Message);
        Assert.Contains("#!markdown", result.Error.Message);
    }

    [Fact]
    public async Task A_cell_that_listens_to_its_token_ends_when_cancelled_and_the_next_one_runs()
    {
        var result = await _cells.CancelAtFirstOutputAsync("Console.WriteLine(\"begun\"); await Task.Delay(-1, KernelInvocationContext.Current.CancellationToken);");
        Assert.Equal("Cancelled", result.Error!.Name);
        Assert.Equal("3", await _cells.ValueAsync("(1 + 2).ToString()"));
    }

    [Theory]
    [InlineData("await new TaskCompletionSource().Task;")]
    [InlineData("while (true) { }")]
    public async Task A_cell_that_never_ends_is_ended_and_the_next_one_runs_on_the_state_before_it(string code)
    {
        await _cells.RunAsync("var kept = 1;");
        var watch = Stopwatch.StartNew();
        var result = await _cells.CancelAtFirstOutputAsync("kept = 2; var lost = 1; Console.WriteLine(\"begun\");" + code);
        Assert.Equal("Cancelled", result.Error!.Name);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"took {watch.Elapsed}");
        Assert.Equal("2", await _cells.ValueAsync("kept.ToString()"));
        Assert.Equal("CompilationError", (await _cells.RunAsync("lost")).Error!.Name);
    }

    [Fact]
    public async Task What_is_in_native_code_is_left_behind_and_until_it_ends_the_engine_says_so()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The test waits in libc.");
        const string Sleeps = """
            using System.Runtime.InteropServices;
            static class Native { [DllImport("libc", EntryPoint = "system")] public static extern int Run(string command); }
            Console.WriteLine("begun"); Native.Run("sleep 30 > /dev/null 2>&1");
            """;
        _cells.Engine.Grace = TimeSpan.FromSeconds(2);
        var result = await _cells.CancelAtFirstOutputAsync(Sleeps);
        Assert.Equal("Cancelled", result.Error!.Name);
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => _cells.RunAsync("1"));
        Assert.Contains("in a library", refused.Message);
    }

    [Fact]
    public async Task An_async_void_method_that_throws_is_told_and_ends_nothing()
    {
        // It may be told after the cell has ended.
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await _cells.Engine.ExecuteAsync("async void Fails() { await Task.Yield(); throw new FormatException(\"unheard\"); }\nFails();", output =>
        {
            if (output is StreamOutput { Text: var text } && text.Contains("unheard", StringComparison.Ordinal))
                told.TrySetResult();
        }, cancellation: TestContext.Current.CancellationToken);
        await told.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal("1", await _cells.ValueAsync("1.ToString()"));
    }

    [Fact]
    public async Task A_cell_without_code_is_nothing() => Assert.True((await _cells.RunAsync("// nothing\n")).Succeeded);
}
