using System.Diagnostics;

namespace LipSol.WorkerProtocol;

/// <summary>What a worker sees of its host's environment: what a program needs to run, and nothing that opens a door (tokens, connection strings, keys).</summary>
internal static class WorkerEnvironment
{
    private static readonly HashSet<string> Names =
    [
        "PATH", "HOME", "USER", "LANG", "LANGUAGE", "TZ", "TMPDIR", "XDG_CACHE_HOME", "LD_LIBRARY_PATH", "NUGET_PACKAGES",
        "CUDA_VISIBLE_DEVICES", "CUDA_HOME", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "SSL_CERT_DIR", "SSL_CERT_FILE",
    ];
    private static readonly string[] Prefixes = ["LC_", "DOTNET_", "NVIDIA_"];

    /// <summary>Whether a worker may see this variable.</summary>
    public static bool Allows(string name) => Names.Contains(name) || Prefixes.Any(p => name.StartsWith(p, StringComparison.Ordinal));

    /// <summary>Takes everything else away, and adds what the job asks for.</summary>
    public static void Apply(ProcessStartInfo start, IReadOnlyDictionary<string, string> additions)
    {
        foreach (var name in start.Environment.Keys.Where(n => !Allows(n)).ToList()) start.Environment.Remove(name);
        // Diagnostics sockets in the temporary folder would outlive a killed worker.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        foreach (var (name, value) in additions) start.Environment[name] = value;
    }
}
