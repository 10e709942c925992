using System.Diagnostics;
using System.Runtime.InteropServices;

namespace LipSol.WorkerProtocol;

/// <summary>Finds the worker's program.</summary>
public static class WorkerExecutable
{
    /// <summary>Names the worker's .dll where it isn't in one of the usual places.</summary>
    public const string Variable = "LIPSOL_WORKER";

    /// <summary>The worker's .dll: <c>LIPSOL_WORKER</c>, else beside this program's build output, else in <c>../worker</c> of a published layout, else beside this program.</summary>
    /// <exception cref="FileNotFoundException">It's in none of these places.</exception>
    public static string Locate() => Locate("LipSol.Worker", Variable, "worker");

    /// <summary>The .dll of another of LipSol's programs, found in the same way.</summary>
    /// <exception cref="FileNotFoundException">It's in none of the usual places.</exception>
    public static string Locate(string project, string variable, string publishedFolder)
    {
        if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } named)
            return File.Exists(named) ? Path.GetFullPath(named) : throw new FileNotFoundException($"{variable} names {named}, which doesn't exist. Unset it, or let it name {project}.dll.");
        var here = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar);
        var configuration = Path.GetFileName(here);
        // .build/bin/<project>/<configuration>/: the layout of UseArtifactsOutput.
        string[] places =
        [
            Path.Combine(here, "..", "..", project, configuration, project + ".dll"),
            Path.Combine(here, "..", publishedFolder, project + ".dll"),
            Path.Combine(here, project + ".dll"),
        ];
        return places.Select(Path.GetFullPath).FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException($"{project} was not found in {string.Join(", ", places.Select(Path.GetFullPath))}. Build the solution, or let {variable} name {project}.dll.");
    }

    /// <summary>How to start <paramref name="dll"/> with the .NET that runs this program.</summary>
    public static ProcessStartInfo StartInfo(string dll, IEnumerable<string> arguments)
    {
        // The runtime's folder is <root>/shared/Microsoft.NETCore.App/<version>/.
        var muxer = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
        var start = new ProcessStartInfo { UseShellExecute = false };
        if (File.Exists(muxer))
        {
            start.FileName = muxer;
            start.ArgumentList.Add(dll);
        }
        else
        {
            start.FileName = Path.ChangeExtension(dll, OperatingSystem.IsWindows() ? ".exe" : null);
        }
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        return start;
    }
}
