using System.Diagnostics;

namespace LipSol.Cli.Tests.Programs;

/// <summary>`lipsol` on a terminal, at which someone types: by script(1) of util-linux, which gives it one.</summary>
internal static class OnTerminal
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    /// <summary>What it printed, the question included, and how it ended.</summary>
    /// <param name="dataFolder">The data folder.</param>
    /// <param name="typed">What is typed, once the question stands there.</param>
    /// <param name="arguments">Of the command line.</param>
    public static async Task<(int Status, string Shown)> RunAsync(string dataFolder, string typed, params string[] arguments)
    {
        var command = string.Join(' ', arguments.Prepend(LipSolProgram.Dll).Prepend("dotnet").Select(a => $"'{a}'"));
        var start = new ProcessStartInfo("script", ["--quiet", "--return", "--command", command, "/dev/null"]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var name in start.Environment.Keys.Where(n => n.StartsWith("LIPSOL_", StringComparison.Ordinal)).ToList()) start.Environment.Remove(name);
        start.Environment["LIPSOL_DATA"] = dataFolder;
        start.Environment["TERM"] = "dumb";
        using var process = Process.Start(start)!;
        using var deadline = new CancellationTokenSource(Longest);
        try
        {
            var shown = "";
            var buffer = new char[4096];
            while (await process.StandardOutput.ReadAsync(buffer, deadline.Token) is > 0 and var got)
            {
                var asked = shown.Contains("[y/N]", StringComparison.Ordinal);
                shown += new string(buffer, 0, got);
                if (asked || !shown.Contains("[y/N]", StringComparison.Ordinal)) continue;
                await process.StandardInput.WriteAsync(typed + "\n");
                await process.StandardInput.FlushAsync(deadline.Token);
            }
            await process.WaitForExitAsync(deadline.Token);
            return (process.ExitCode, shown);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }
}
