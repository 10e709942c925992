using System.Runtime.InteropServices;

namespace LipSol.Inference;

/// <summary>Sees to it that a model's memory goes back to the system with the model: without this a node that exchanges its models grows (docs/benchmarks.md).</summary>
internal static partial class SessionMemory
{
    private const int MmapThreshold = -3; // M_MMAP_THRESHOLD
    private const int LargeBlock = 128 << 10;

    /// <summary>
    /// Has glibc map every large block by itself, so that freeing it returns it. Left alone it raises its threshold to the largest block it saw freed, and keeps what is smaller in heaps of the threads that took it.
    /// ONNX Runtime takes its large blocks once a session, so nothing gets slower.
    /// </summary>
    public static void Prepare() => OnGlibc(() => SetOption(MmapThreshold, LargeBlock));

    /// <summary>Collects the tables and batches of a model that was let go, which are large arrays that would lie about until the collector's next full turn, and returns free pages. Stops the process for some ten milliseconds.</summary>
    public static void Return()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        OnGlibc(() => Trim(0));
    }

    private static void OnGlibc(Func<int> call)
    {
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            call();
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            // musl has neither, and keeps less.
        }
    }

    // https://man7.org/linux/man-pages/man3/mallopt.3.html
    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);

    // https://man7.org/linux/man-pages/man3/malloc_trim.3.html
    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int Trim(nuint pad);
}
