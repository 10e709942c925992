using System.Diagnostics;

namespace LipSol.Repository.Tests;

public sealed class LintTests
{
    [Fact]
    public void The_workflows_the_Dockerfile_and_the_scripts_pass_their_linters()
    {
        var (status, output) = Run(Path.Combine(RepositoryFiles.Root, ".ci", "lint"));
        if (status != 0 && output.Contains("npm error", StringComparison.Ordinal)) Assert.Skip("The linters could not be fetched from npm.");
        Assert.True(status == 0, output);
    }

    private static (int Status, string Output) Run(string program)
    {
        var start = new ProcessStartInfo("bash", ["-c", "exec \"$0\" 2>&1", program]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }
}
