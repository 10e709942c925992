using LipSol.WorkerProtocol;

namespace LipSol.Silo.Workers;

/// <summary>How a worker is started that runs code of a person.</summary>
internal static class ForeignCode
{
    /// <summary>Where in its folder it leaves what it makes.</summary>
    public static string MadeIn(string workFolder) => Path.Combine(workFolder, "made");

    /// <summary>It reads the artifacts, writes to its own folder, and reaches nothing else (<see cref="Confinement"/>).</summary>
    public static WorkerProcessOptions Confine(WorkerProcessOptions options, string artifactFolder, string workFolder)
    {
        var home = Path.Combine(workFolder, "home");
        return options with
        {
            Confinement = new Confinement([artifactFolder], [workFolder]),
            Environment = new Dictionary<string, string>(options.Environment) { ["HOME"] = home, ["TMPDIR"] = workFolder, ["XDG_CACHE_HOME"] = home, ["LIPSOL_CACHE"] = home },
        };
    }
}
