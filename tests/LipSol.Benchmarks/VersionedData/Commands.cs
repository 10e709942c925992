using System.Diagnostics;

namespace LipSol.Benchmarks.VersionedData;

/// <summary>Programs to measure against.</summary>
internal static class Commands
{
    /// <summary>Whether a program is on the PATH.</summary>
    public static bool Has(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));

    /// <summary>Runs a program to its end; returns 1, for rates.</summary>
    public static long Run(string program, params IEnumerable<string> arguments) => Run(new Dictionary<string, string>(), program, arguments);

    /// <summary>Runs <c>bash -c</c> with further arguments.</summary>
    public static long Run(string program, string option, string script, string name, string[] files) => Run(program, [option, script, name, .. files]);

    /// <summary>With additions to the environment.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public static long Run(IReadOnlyDictionary<string, string> environment, string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (key, value) in environment) start.Environment[key] = value;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? 1 : throw new InvalidOperationException($"{program} ended with status {process.ExitCode}: {errors.Result}");
    }
}
