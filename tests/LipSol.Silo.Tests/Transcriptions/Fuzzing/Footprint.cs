using System.Diagnostics;
using LipSol.Testing.Cluster.Processes;

namespace LipSol.Silo.Tests.Transcriptions.Fuzzing;

/// <summary>What the node, which is in this process, and its croppers hold at a moment.</summary>
/// <param name="Memory">Bytes of this process, once what is garbage is collected.</param>
/// <param name="OpenFiles">Files, sockets and pipes of this process.</param>
/// <param name="Files">In the data folder, but for the database's own.</param>
/// <param name="Croppers">The processes that crop, and the most memory that each has held.</param>
internal sealed record Footprint(long Memory, int OpenFiles, IReadOnlySet<string> Files, IReadOnlyDictionary<int, long> Croppers)
{
    public static Footprint Of(string dataFolder)
    {
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        using var own = Process.GetCurrentProcess();
        return new Footprint(own.WorkingSet64, Directory.EnumerateFileSystemEntries("/proc/self/fd").Count(),
            Directory.EnumerateFiles(dataFolder, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(dataFolder, f)).Where(f => !f.Contains(".db", StringComparison.Ordinal)).ToHashSet(),
            LinuxProcess.ChildrenOf(Environment.ProcessId).ToDictionary(p => p.Id, p => p.PeakMemory));
    }

    public override string ToString() => $"{Memory >> 20} MB, {OpenFiles} open files, {Files.Count} files, croppers at most {(Croppers.Count == 0 ? 0 : Croppers.Values.Max()) >> 20} MB";
}
