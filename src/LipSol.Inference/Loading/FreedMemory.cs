using System.Runtime.InteropServices;

namespace LipSol.Inference;

/// <summary>Gives the system back what a model that was let go had taken.</summary>
internal static partial class FreedMemory
{
    /// <summary>
    /// Collects its tables and batches, which are large arrays that would lie about until the collector's next full turn, and has glibc return the pages of its session, which it keeps where they lie between others: without this
    /// a node that exchanges its models grows. Stops the process for some ten milliseconds.
    /// </summary>
    public static void Return()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            _ = Trim(0);
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            // musl has no such function, and keeps less.
        }
    }

    // https://man7.org/linux/man-pages/man3/malloc_trim.3.html
    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int Trim(nuint pad);
}
