using System.Diagnostics;
using System.IO.Compression;
using LipSol.Kernel.Engine;

namespace LipSol.Kernel.Tests.Packages;

/// <summary>Packages from a folder: no network takes part.</summary>
public sealed class PackageTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_package_of_a_local_folder_is_loaded_its_start_script_runs_and_its_new_content_is_noticed()
    {
        await PackAsync("first");
        Assert.Equal(("first", "from the script"), await GreetAsync());
        // A folder for each content: the process can load an assembly of one name once, so the second kernel is asked for what it restored.
        await PackAsync("second");
        using var engine = Engine();
        var outputs = new List<CellOutput>();
        var result = await engine.ExecuteAsync(Reference, outputs.Add, cancellation: TestContext.Current.CancellationToken);
        Assert.True(result.Succeeded, result.Error?.Message);
        Assert.Equal(2, Directory.EnumerateFiles(_folder.File("cache"), "content.txt", SearchOption.AllDirectories).Select(File.ReadAllText).Distinct().Count());
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

    private CellEngine Engine() => new(_folder.File("cache")) { BaseFolder = _folder.Path };

    private async Task<(string Word, string FromScript)> GreetAsync()
    {
        using var engine = Engine();
        var outputs = new List<CellOutput>();
        var result = await engine.ExecuteAsync(Reference + "Console.Write(Greeting.Words.Hello + \"|\" + fromScript);", outputs.Add, cancellation: TestContext.Current.CancellationToken);
        Assert.True(result.Succeeded, string.Join('\n', result.Error?.Traceback ?? []));
        Assert.Contains("Greeting, 1.0.0", outputs.OfType<DisplayOutput>().First().Data["text/html"]);
        var said = string.Concat(outputs.OfType<StreamOutput>().Select(s => s.Text)).Split('|');
        return (said[0], said[1]);
    }

    private async Task PackAsync(string word)
    {
        var source = _folder.File("source");
        _folder.Write("source/Directory.Build.props", "<Project />");
        _folder.Write("source/Directory.Packages.props", "<Project />");
        _folder.Write("source/extension.dib", "#!meta\n{}\n\n#!csharp\n\nvar fromScript = \"from the script\";\n");
        _folder.Write("source/content.txt", word);
        _folder.Write("source/Words.cs", $"namespace Greeting; public static class Words {{ public static string Hello => \"{word}\"; }}");
        var project = _folder.Write("source/Greeting.csproj", """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><TargetFramework>net10.0</TargetFramework><Version>1.0.0</Version><NuGetAudit>false</NuGetAudit></PropertyGroup>
              <ItemGroup>
                <None Include="extension.dib" Pack="true" PackagePath="interactive-extensions/dotnet" />
                <None Include="content.txt" Pack="true" PackagePath="" />
              </ItemGroup>
            </Project>
            """);
        var start = new ProcessStartInfo("dotnet") { WorkingDirectory = source, RedirectStandardOutput = true };
        foreach (var argument in new[] { "pack", project, "-o", _folder.File("feed"), "-nologo", "-v:q", "-nodeReuse:false" })
            start.ArgumentList.Add(argument);
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
            start.Environment.Remove(name);
        using var pack = Process.Start(start)!;
        var said = await pack.StandardOutput.ReadToEndAsync();
        await pack.WaitForExitAsync();
        Assert.True(pack.ExitCode == 0, said);
        using var zip = ZipFile.OpenRead(_folder.File("feed/Greeting.1.0.0.nupkg"));
        Assert.NotNull(zip.GetEntry("interactive-extensions/dotnet/extension.dib"));
    }
}
