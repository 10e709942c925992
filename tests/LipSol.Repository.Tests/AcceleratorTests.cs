using System.Diagnostics;
using System.Text.RegularExpressions;

namespace LipSol.Repository.Tests;

public sealed partial class AcceleratorTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("lipsol-cuda-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory, Trait("Category", "Long")]
    [InlineData("cuda", "src/LipSol.Worker")]
    [InlineData("cuda", "src/LipSol.Silo")]
    [InlineData("none", "src/LipSol.Worker")]
    public async Task A_build_for_an_accelerator_lacks_at_most_the_two_CUDA_packages(string accelerator, string project)
    {
        var start = new ProcessStartInfo("dotnet", ["restore", Path.Combine(RepositoryFiles.Root, project), $"-p:LipSolAccelerator={accelerator}", $"-p:ArtifactsPath={folder}/"]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        var missing = Missing().Matches(output).Select(m => m.Groups["package"].Value).ToHashSet();
        if (process.ExitCode == 0) Assert.Empty(missing);
        else
        {
            Assert.Equal("cuda", accelerator);
            Assert.NotEmpty(missing);
            Assert.Subset(new HashSet<string> { "TorchSharp-cuda-linux", "Microsoft.ML.OnnxRuntime.Gpu" }, missing);
            Assert.DoesNotMatch(@"error (?!NU110[123])", output);
        }
    }

    [GeneratedRegex(@"error NU110[123]: Unable to find (a stable )?package (?<package>[\w.-]*[\w-])")]
    private static partial Regex Missing();
}
