using LipSol.Kernel.Engine;
using LipSol.Kernel.Tests.Engine;
using static LipSol.Kernel.Tests.Notebooks.SampleNotebook;

namespace LipSol.Kernel.Tests.Magics;

public sealed class MagicTests : IDisposable
{
    private readonly Cells _cells = new();
    private readonly TemporaryFolder _folder = new();

    public MagicTests() => _cells.Engine.BaseFolder = _folder.Path;

    public void Dispose()
    {
        _cells.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Time_is_told_when_the_cell_ends_also_when_it_fails()
    {
        await _cells.RunAsync("#!time\nawait Task.Delay(20); Console.Write(\"done\");");
        Assert.Equal("done", _cells.StandardOutput);
        Assert.Matches(@"^Wall time: [2-9]\d[\d.]* ms$|^Wall time: \d{3,}[\d.]* ms$", Shown("text/plain"));
        var result = await _cells.RunAsync("#!time\nthrow new Exception(\"no\");");
        Assert.Contains("line 2", result.Error!.Traceback[1]);
        Assert.StartsWith("Wall time: ", Shown("text/plain"));
    }

    [Fact]
    public async Task Variables_are_listed_the_newest_of_each_name()
    {
        await _cells.RunAsync("var word = 1; int count = 3;");
        await _cells.RunAsync("var word = \"ہاں\";");
        await _cells.RunAsync("#!who");
        Assert.Equal("count, word", Shown("text/plain"));
        await _cells.RunAsync("#!whos");
        Assert.Contains("ہاں", System.Net.WebUtility.HtmlDecode(Shown("text/html")));
        Assert.Equal(3, Shown("text/html").Split("<tr>").Length - 1);
    }

    [Fact]
    public async Task A_value_is_kept_and_shared_with_CSharp()
    {
        await _cells.RunAsync("#!value --name text\nline one\nline \"two\"");
        await _cells.RunAsync("#!share text --from value --as said\nConsole.Write(said.Split('\\n').Length);");
        Assert.Equal("2", _cells.StandardOutput);
        _folder.Write("words.txt", "ایک دو");
        await _cells.RunAsync("#!value --name words --from-file words.txt");
        await _cells.RunAsync("#!set --name words --value @value:words");
        Assert.Equal("ایک دو", await _cells.ValueAsync("words"));
        await _cells.RunAsync("#!set --name plain --value \"two words\"");
        Assert.Equal("two words", await _cells.ValueAsync("plain"));
    }

    [Theory]
    [InlineData("var held = new List<Dictionary<string, int[]>>();", "System.Collections.Generic.List`1[System.Collections.Generic.Dictionary`2[System.String,System.Int32[]]]")]
    [InlineData("var held = new Dictionary<string, int>.KeyCollection([]);", null)]
    [InlineData("record Mouth(int W); var held = new Mouth(3);", null)]
    [InlineData("var held = new { A = 1 };", null)]
    [InlineData("object? held = null;", null)]
    public async Task What_is_shared_is_the_same_object_whatever_its_type(string declaration, string? type)
    {
        await _cells.RunAsync(declaration);
        var result = await _cells.RunAsync("#!share held --from csharp --as other");
        Assert.True(result.Succeeded, result.Error?.Message);
        Assert.Equal("True", await _cells.ValueAsync("object.ReferenceEquals((object?)held, (object?)other).ToString()"));
        if (type is not null)
            Assert.Equal(type, await _cells.ValueAsync("other.GetType().ToString()"));
    }

    [Fact]
    public async Task A_person_is_asked_for_what_set_wants()
    {
        var result = await _cells.Engine.ExecuteAsync("#!set --name who --value \"@input:Your name\"\n#!set --name hush --value \"@password:Secret\"", _ => { },
            input: (prompt, isPassword, _) => Task.FromResult($"{prompt}|{isPassword}"), cancellation: TestContext.Current.CancellationToken);
        Assert.True(result.Succeeded, result.Error?.Message);
        Assert.Equal("Your name|False", await _cells.ValueAsync("who"));
        Assert.Equal("•••••••••••", await _cells.ValueAsync("hush.ToString()"));
        Assert.Equal("Secret|True", await _cells.ValueAsync("hush.GetClearTextPassword()"));
    }

    [Fact]
    public async Task Notebooks_and_files_are_run_in_place()
    {
        _folder.Write("part.ipynb", Of(Markdown("# Text"), Code("var fromNotebook = 1;"), Code("#!html\n<b>shown</b>")));
        _folder.Write("part.dib", "#!meta\n{}\n\n#!csharp\n\nvar fromDib = fromNotebook + 1;\n\n#!markdown\n\n# Said\n");
        _folder.Write("a folder/part.cs", "int FromFile(int n) => n + fromDib;\n");
        var result = await _cells.RunAsync("#!import part.ipynb\n#!import part.dib\n#!import \"a folder/part.cs\"\nConsole.Write(FromFile(1));");
        Assert.True(result.Succeeded, result.Error?.Message);
        Assert.Equal("3", _cells.StandardOutput);
        Assert.Equal(["text/html", "text/markdown"], _cells.Outputs.OfType<DisplayOutput>().Select(o => o.Data.Keys.Single()));
    }

    [Fact]
    public async Task An_error_in_an_imported_file_names_the_file()
    {
        _folder.Write("bad.cs", "\nthrow new Exception(\"no\");");
        var result = await _cells.RunAsync("#!import bad.cs");
        Assert.Contains("bad.cs, line 2", result.Error!.Traceback[1]);
    }

    [Theory]
    [InlineData("#!import", "write #!import FILE")]
    [InlineData("#!import none.cs", "there is no file")]
    [InlineData("#!import picture.png", "is neither a notebook")]
    [InlineData("#!import broken.ipynb", "isn't JSON")]
    [InlineData("#!import itself.cs", "imports itself")]
    [InlineData("#!share x", "--from csharp")]
    [InlineData("#!share x --from csharp", "no C# variable x")]
    [InlineData("#!share x --from value", "keeps nothing under the name x")]
    [InlineData("#!share x --from python", "no kernel python")]
    [InlineData("#!set --name x", "--value")]
    [InlineData("#!set --name class --value 1", "can't be the name")]
    [InlineData("#!set --name x --value", "--value needs a value")]
    [InlineData("#!value\ntext", "--name NAME")]
    [InlineData("#!model\nclass Net { }", "--name NAME")]
    [InlineData("#!model --name net --corpus c", "no network below it")]
    [InlineData("#!model --name net\nclass Net { }", "--corpus NAME")]
    [InlineData("#!model --name net --corpus @csharp:none\nclass Net { }", "no text none in C#")]
    [InlineData("#!model --name net --corpus c\nclass Net { }", "no LipSolClient client")]
    [InlineData("#!time --loud", "no option --loud")]
    [InlineData("#!python\nprint(1)", "no magic #!python")]
    [InlineData("#!connect jupyter", "no magic #!connect")]
    public async Task What_cannot_be_done_is_refused_with_its_line_and_what_to_write(string source, string said)
    {
        _folder.Write("picture.png", "");
        _folder.Write("broken.ipynb", "{");
        _folder.Write("itself.cs", "#!import itself.cs\n");
        var result = await _cells.RunAsync("\n" + source);
        Assert.Equal("MagicError", result.Error!.Name);
        Assert.Contains(said, result.Error.Message);
        Assert.Matches("^Line [12]: ", result.Error.Message);
        Assert.True((await _cells.RunAsync("1")).Succeeded);
    }

    [Fact]
    public async Task The_kernel_tells_of_itself_and_of_its_magics()
    {
        await _cells.RunAsync("#!about");
        Assert.Contains("LipSol", Shown("text/html"));
        await _cells.RunAsync("#!lsmagic");
        foreach (var magic in (string[])["#!time", "#!who", "#!whos", "#!set", "#!share", "#!import", "#!about", "#!lsmagic", "#!value", "#!mermaid", "#!javascript", "#!html", "#!markdown", "#!csharp"])
            Assert.Contains(magic, Shown("text/html"));
    }

    [Fact]
    public async Task A_diagram_holds_the_library_that_draws_it_and_fetches_nothing()
    {
        await _cells.RunAsync("#!mermaid\ngraph TD; clip-->words; a[\"<b>\"]");
        var html = Shown("text/html");
        Assert.Contains("<pre dir=\"auto\">graph TD; clip--&gt;words; a[&quot;&lt;b&gt;&quot;]</pre>", html);
        Assert.True(html.Length > 1_000_000, "the library is missing");
        Assert.DoesNotContain("<script src", html);
        Assert.Single(html.Split("</script>")[..^1]);
    }

    [Fact]
    public async Task JavaScript_is_handed_to_the_page()
    {
        await _cells.RunAsync("#!javascript\nconsole.log(1);");
        Assert.Equal("<script type=\"text/javascript\">console.log(1);</script>", Shown("text/html"));
    }

    private string Shown(string mimeType) => Assert.Single(_cells.Outputs.OfType<DisplayOutput>()).Data[mimeType];
}
