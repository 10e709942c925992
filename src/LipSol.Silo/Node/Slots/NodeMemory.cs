namespace LipSol.Silo.Node;

/// <summary>Main memory: what there is, and what of it is for runs.</summary>
internal static class NodeMemory
{
    /// <summary>What the machine has, or the container (cgroup) that this process is in may use, in bytes.</summary>
    public static long Available => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>What of it is left for runs: an eighth, but no less than 512 MB and no more than 4 GB, is the node's own.</summary>
    public static long ForRuns(long available) => Math.Max(0, available - Math.Clamp(available / 8, 512L << 20, 4L << 30));
}
