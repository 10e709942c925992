using System.IO.Compression;
using LipSol.Kernel.Engine;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace LipSol.Kernel.Tests.Packages;

/// <summary>Packages from a folder: no network takes part.</summary>
public sealed class PackageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_package_of_a_local_folder_is_loaded_its_start_script_runs_and_a_new_build_of_it_is_noticed()
    {
        Pack("first");
        Assert.Equal("first|from the script", await GreetAsync());
        // The process keeps the assembly that it has loaded, so the honest answer to a new build of the same version is to ask for a restart.
        Pack("second");
        using var engine = Engine();
        var result = await engine.ExecuteAsync(Reference, _ => { }, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal("PackageError", result.Error!.Name);
        Assert.Contains("Restart the kernel", result.Error.Message);
    }

    [Fact]
    public async Task A_notebook_that_lies_elsewhere_finds_the_packages_of_the_lipsol_that_runs_it()
    {
        using var engine = Engine();
        engine.BaseFolder = _folder.Path;
        var result = await engine.ExecuteAsync("#i \"nuget:../.build/feed\"\n#r \"nuget: LipSol.Notebooks, 0.1.0-*\"\nConsole.Write(LipSol.Notebooks.Version);", _ => { }, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal("CompilationError", result.Error!.Name);
        Assert.Contains("'Version'", result.Error.Message);
        // Its version names what is in it: a newer one is never taken for an older.
        Assert.Matches(@"^LipSol\.Notebooks\.0\.1\.0-content\.[0-9a-f]{12}\.nupkg$", Path.GetFileName(Assert.Single(Directory.GetFiles(RepositoryRoot.In(".build", "feed"), "LipSol.Notebooks.*.nupkg"))));
    }

    [Theory]
    [InlineData("#r \"nuget: LipSol.No.Such.Package.At.All, 1.0.0\"", "LipSol.No.Such.Package.At.All")]
    [InlineData("#r \"nuget: one two, 1.0\"", "Write #r")]
    [InlineData("#i \"nuget:no/such/folder\"\n#r \"nuget: A, 1.0.0\"", "isn't there")]
    [InlineData("#r \"missing.dll\"", "there is no file")]
    public async Task A_reference_that_cannot_be_had_is_a_clear_error(string source, string said)
    {
        using var engine = Engine();
        var result = await engine.ExecuteAsync(source, _ => { }, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal("PackageError", result.Error!.Name);
        Assert.Contains(said, result.Error.Message);
    }

    [Fact]
    public async Task A_file_that_is_no_assembly_is_a_clear_error()
    {
        _folder.Write("text.dll", "not an assembly");
        using var engine = Engine();
        var result = await engine.ExecuteAsync("#r \"text.dll\"", _ => { }, cancellation: TestContext.Current.CancellationToken);
        Assert.Contains("isn't a .NET assembly", result.Error!.Message);
    }

    private const string Reference = "#i \"nuget:feed\"\n#r \"nuget: Greeting, 1.0.0\"\n";

    private CellEngine Engine() => new(_folder["cache"]) { BaseFolder = _folder.Path };

    private async Task<string> GreetAsync()
    {
        using var engine = Engine();
        var outputs = new List<CellOutput>();
        var result = await engine.ExecuteAsync(Reference + "Console.Write(Greeting.Words.Hello + \"|\" + fromScript);", outputs.Add, cancellation: TestContext.Current.CancellationToken);
        Assert.True(result.Succeeded, string.Join('\n', result.Error?.Traceback ?? []));
        Assert.Contains("Greeting, 1.0.0", outputs.OfType<DisplayOutput>().First().Data["text/html"]);
        return string.Concat(outputs.OfType<StreamOutput>().Select(s => s.Text));
    }

    private void Pack(string word)
    {
        var source = $"namespace Greeting; public static class Words {{ public static string Hello => \"{word}\"; }}";
        var compilation = CSharpCompilation.Create("Greeting", [CSharpSyntaxTree.ParseText(source)],
            [MetadataReference.CreateFromFile(typeof(object).Assembly.Location)], new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        Directory.CreateDirectory(_folder["feed"]);
        using var zip = new ZipArchive(File.Create(_folder["feed/Greeting.1.0.0.nupkg"]), ZipArchiveMode.Create);
        Add("Greeting.nuspec", "<package xmlns=\"http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd\"><metadata><id>Greeting</id><version>1.0.0</version><authors>x</authors><description>x</description></metadata></package>");
        Add("interactive-extensions/dotnet/extension.dib", "#!meta\n{}\n\n#!csharp\n\nvar fromScript = \"from the script\";\n");
        using var assembly = zip.CreateEntry("lib/net10.0/Greeting.dll").Open();
        using var bytes = new MemoryStream();
        Assert.True(compilation.Emit(bytes).Success);
        assembly.Write(bytes.ToArray());

        void Add(string name, string text)
        {
            using var writer = new StreamWriter(zip.CreateEntry(name).Open());
            writer.Write(text);
        }
    }
}
