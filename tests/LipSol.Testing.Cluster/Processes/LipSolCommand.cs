using System.Diagnostics;
using LipSol.WorkerProtocol;

namespace LipSol.Testing.Cluster.Processes;

/// <summary>What a command of <c>lipsol</c> did.</summary>
/// <param name="Status">Its exit status.</param>
/// <param name="Answer">What it printed for programs, or as the answer to a person.</param>
/// <param name="Said">What it said beside.</param>
internal sealed record CommandOutcome(int Status, string Answer, string Said);

/// <summary>The built command line.</summary>
internal static class LipSolCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Runs a command to its end, with nothing of LipSol's in its environment but what is given.</summary>
    public static async Task<CommandOutcome> RunAsync(string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = WorkerExecutable.StartInfo(WorkerExecutable.Locate("LipSol.Cli", "LIPSOL_CLI", "cli"), arguments);
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        foreach (var name in start.Environment.Keys.Where(n => n is "LIPSOL_DATA" or "LIPSOL_URL" or "LIPSOL_TOKEN" or "LIPSOL_JOIN").ToArray()) start.Environment.Remove(name);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var (answer, said) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var deadline = new CancellationTokenSource(Patience);
        await process.WaitForExitAsync(deadline.Token);
        return new CommandOutcome(process.ExitCode, (await answer).Trim(), (await said).Trim());
    }
}
