using System.Diagnostics;

namespace LipSol.Kernel.Tests.Jupyter;

/// <summary>Microsoft's own kernel, from NuGet.</summary>
internal static class DotnetInteractive
{
    private const string Version = "1.0.712001";

    /// <summary>The program, installed where the build's other tools lie if it isn't there yet. Skips the test where it can't be had.</summary>
    public static async Task<string> GetAsync()
    {
        var folder = RepositoryRoot.In(".build", "dotnet-interactive", Version);
        var program = Path.Combine(folder, OperatingSystem.IsWindows() ? "dotnet-interactive.exe" : "dotnet-interactive");
        if (File.Exists(program)) return program;
        using var process = Process.Start(new ProcessStartInfo("dotnet", ["tool", "install", "Microsoft.dotnet-interactive", "--version", Version, "--tool-path", folder]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var said = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.SkipUnless(process.ExitCode == 0, $".NET Interactive {Version} can't be had from NuGet: {string.Concat(await said)}");
        return program;
    }
}
