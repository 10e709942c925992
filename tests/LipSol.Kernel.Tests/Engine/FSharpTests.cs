using System.Diagnostics;
using LipSol.Kernel.Assistance;
using LipSol.Kernel.Engine;

namespace LipSol.Kernel.Tests.Engine;

public sealed class FSharpTests : IDisposable
{
    private readonly Cells _cells = new();

    public void Dispose() => _cells.Dispose();

    [Fact]
    public async Task What_one_cell_declares_the_next_one_sees_and_its_last_expression_is_shown()
    {
        var result = await _cells.RunAsync("#!fsharp\nlet twice n = 2 * n\ntype Word = { Text: string }\nprintfn \"ہاں %d\" (twice 2)");
        Assert.True(result.Succeeded, result.Error?.Message);
        Assert.Equal("ہاں 4\n", _cells.StandardOutput);
        Assert.Empty(_cells.Outputs.OfType<ResultOutput>());
        Assert.Equal("42", Text(await _cells.ValueAsync("#!fsharp\ntwice 21")));
        Assert.Contains("نہیں", System.Net.WebUtility.HtmlDecode(await _cells.ValueAsync("#!fsharp\n{ Text = \"نہیں\" }")));
        Assert.True((await _cells.RunAsync("#!fsharp\ndisplay(HTML(\"<b>x</b>\")) |> ignore")).Succeeded);
        Assert.Equal("<b>x</b>", Assert.Single(_cells.Outputs.OfType<DisplayOutput>()).Data["text/html"]);
        // By the formatter that C# registered.
        await _cells.RunAsync("Microsoft.DotNet.Interactive.Formatting.Formatter.Register<Version>((_, writer) => writer.Write(\"<i>v</i>\"), \"text/html\");");
        Assert.Equal("<i>v</i>", await _cells.ValueAsync("#!fsharp\nSystem.Version(1, 2)"));
    }

    [Theory]
    [InlineData("var held = new List<int> { 1 };", "held.Add 2", "held.Count")]
    [InlineData("var held = new Dictionary<string, double[]> { [\"a\"] = [1.5] };", "held[\"a\"][0] <- 2.5", "held[\"a\"].Length")]
    [InlineData("var held = new[] { 3, 4 }.Select(n => n * 2);", "()", "Seq.length held")]
    [InlineData("record Mouth(int W); var held = new Mouth(3);", "()", "held.ToString().Length")]
    [InlineData("var held = new { A = 1 };", "()", "held.GetHashCode()")]
    [InlineData("object? held = null;", "()", "isNull held")]
    public async Task What_is_shared_is_the_same_object_in_both_languages(string declaration, string change, string expression)
    {
        await _cells.RunAsync(declaration);
        var result = await _cells.RunAsync($"#!fsharp\n#!share --from csharp held\n{change}\n{expression}");
        Assert.True(result.Succeeded, result.Error?.Message);
        result = await _cells.RunAsync("#!share held --from fsharp --as back");
        Assert.True(result.Succeeded, result.Error?.Message);
        Assert.Equal("True", await _cells.ValueAsync("object.ReferenceEquals((object?)held, (object?)back).ToString()"));
    }

    [Fact]
    public async Task What_FSharp_makes_CSharp_takes_over_under_its_own_type()
    {
        await _cells.RunAsync("#!fsharp\nlet words = [ \"ایک\"; \"دو\" ]\ntype Mouth = { Width: int }\nlet mouth = { Width = 96 }\nlet f = System.Func<int, int>(fun n -> n + 1)");
        var result = await _cells.RunAsync("#!share words --from fsharp\n#!set --name said --value @fsharp:mouth\n#!set --name add --value @fsharp:f");
        Assert.True(result.Succeeded, result.Error?.Message);
        Assert.Equal("2 ایک 96 5", await _cells.ValueAsync("$\"{words.Length} {words.Head} {said.Width} {add.Invoke(4)}\""));
    }

    [Fact]
    public async Task Values_are_listed_each_language_its_own_and_kept_texts_come_over()
    {
        await _cells.RunAsync("var onlyCSharp = 1;");
        await _cells.RunAsync("#!value --name text\nline one\nline two");
        await _cells.RunAsync("#!fsharp\n#!set --name lines --value @value:text\nlet count = lines.Split('\\n').Length\nlet count' = count + 1\ncount");
        await _cells.RunAsync("#!fsharp\n#!who");
        Assert.Equal("count, count', lines", Assert.Single(_cells.Outputs.OfType<DisplayOutput>()).Data["text/plain"]);
        await _cells.RunAsync("#!fsharp\n#!whos");
        Assert.Contains("<td dir=\"auto\">2</td>", Assert.Single(_cells.Outputs.OfType<DisplayOutput>()).Data["text/html"]);
        await _cells.RunAsync("#!who");
        Assert.Equal("onlyCSharp", Assert.Single(_cells.Outputs.OfType<DisplayOutput>()).Data["text/plain"]);
        foreach (var (line, said) in new[] { ("#!share nothing --from csharp", "no C# variable nothing"), ("#!set --name let --value 1", "can't be the name of an F# value"), ("#!share count'' --from fsharp", "no F# variable count''") })
            Assert.Contains(said, (await _cells.RunAsync("#!fsharp\n" + line)).Error!.Message);
    }

    [Fact]
    public async Task Errors_have_the_cells_own_lines()
    {
        var result = await _cells.RunAsync("#!fsharp\nlet ok = 1\nlet bad = ok + undefined\n");
        Assert.Equal("CompilationError", result.Error!.Name);
        Assert.StartsWith("(3,16): error FS0039", result.Error.Message);
        Assert.Equal("    let bad = ok + undefined", result.Error.Traceback[1]);
        Assert.Equal(new string(' ', 19) + "^", result.Error.Traceback[2]);

        result = await _cells.RunAsync("var before = 1;\n#!fsharp\nlet divide a b =\n    a / b\n\ndivide 1 0");
        Assert.Equal("System.DivideByZeroException", result.Error!.Name);
        Assert.Equal(["   at divide(Int32, Int32) in cell 2, line 4", "   at cell 2, line 6"], result.Error.Traceback.Skip(1).Select(l => l.Replace("at in ", "at ")));
        result = await _cells.RunAsync("#!fsharp\n[ 1 ] |> List.iter (fun n ->\n    failwith \"within\")");
        Assert.Contains("cell 3, line 3", result.Error!.Traceback[1]);
        Assert.DoesNotContain("FSI_", string.Join('\n', result.Error.Traceback));
        Assert.Equal("1", Text(await _cells.ValueAsync("#!fsharp\n1")));
    }

    [Theory]
    [InlineData("while true do ()")]
    [InlineData("System.Threading.Thread.Sleep(-1)")]
    [InlineData("(System.Threading.Tasks.TaskCompletionSource()).Task.Wait()")]
    [InlineData("async { while true do do! Async.Sleep 10 } |> Async.RunSynchronously")]
    public async Task An_interrupt_ends_it_and_the_next_cell_runs_on_the_state_before_it(string code)
    {
        await _cells.RunAsync("#!fsharp\nlet mutable kept = 1");
        var watch = Stopwatch.StartNew();
        var result = await _cells.CancelAtFirstOutputAsync($"#!fsharp\nkept <- 2\nlet lost = 1\nprintfn \"begun\"\n{code}");
        Assert.Equal("Cancelled", result.Error!.Name);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"took {watch.Elapsed}");
        Assert.Equal("2", Text(await _cells.ValueAsync("#!fsharp\nkept")));
        Assert.Equal("CompilationError", (await _cells.RunAsync("#!fsharp\nlost")).Error!.Name);
        Assert.Equal("3", await _cells.ValueAsync("(1 + 2).ToString()"));
    }

    [Fact]
    public async Task It_starts_with_the_first_cell_that_asks_for_it()
    {
        await _cells.RunAsync("var x = 1;");
        var fsharp = Assert.IsType<FSharpState>(typeof(CellEngine).GetField("_fsharp", System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Instance)!.GetValue(_cells.Engine));
        Assert.False(fsharp.IsStarted);
        Assert.Empty(new CellAssistant(_cells.Engine).Complete("#!fsharp\nList.ma", 16).Items);
        await _cells.RunAsync("#!fsharp\nlet word = \"کل\"");
        Assert.True(fsharp.IsStarted);
        var found = new CellAssistant(_cells.Engine).Complete("var x = 1;\n#!fsharp\nword.Le", 27);
        Assert.Equal((25, 27), (found.Start, found.End));
        Assert.Contains("Length", found.Items.Select(i => i.Text));
        Assert.Contains("map", new CellAssistant(_cells.Engine).Complete("#!fsharp\nList.ma", 16).Items.Select(i => i.Text));
        Assert.Equal(Completeness.Complete, new CellAssistant(_cells.Engine).Judge("#!fsharp\nlet x = [ 1"));
    }

    [Fact]
    public async Task A_library_is_seen_by_both_and_its_types_are_the_same()
    {
        var library = typeof(Xunit.Sdk.EqualException).Assembly.Location;
        await _cells.RunAsync($"#r \"{library}\"\nException before = new Xunit.Sdk.XunitException(\"x\"); var held = (Xunit.Sdk.XunitException)before;");
        var result = await _cells.RunAsync("#!fsharp\n#!share held --from csharp\nlet after : Xunit.Sdk.XunitException = held\nafter.GetType() = typeof<Xunit.Sdk.XunitException>");
        Assert.True(result.Succeeded, result.Error?.Message);
        Assert.Equal("True", Text(Assert.Single(_cells.Outputs.OfType<ResultOutput>()).Data.First().Value), ignoreCase: true);
        // And one that an F# cell asks for.
        library = typeof(Xunit.v3.XunitTestCase).Assembly.Location;
        result = await _cells.RunAsync($"#!fsharp\n#r @\"{library}\"\n\nlet name = typeof<Xunit.v3.XunitTestCase>.Name\nname.Oops");
        Assert.StartsWith("(5,6): error FS0039", result.Error!.Message);
        result = await _cells.RunAsync("typeof(Xunit.v3.XunitTestCase).Name");
        Assert.True(result.Succeeded, result.Error?.Message);
        Assert.Contains("there is no file", (await _cells.RunAsync("#!fsharp\n#r \"none.dll\"")).Error!.Message);
    }

    // Formatters differ in what they write around a number.
    private static string Text(string shown) => System.Text.RegularExpressions.Regex.Replace(shown, "<style>.*?</style>|<[^>]*>", "", System.Text.RegularExpressions.RegexOptions.Singleline).Trim();
}
