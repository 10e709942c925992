using System.Runtime.InteropServices;

namespace LipSol.Inference;

/// <summary>Gives the system back what a session has freed.</summary>
internal static partial class FreedMemory
{
    /// <summary>glibc keeps the pages of freed blocks that lie between others: a node that exchanges its models would grow. Does nothing where the system has another allocator.</summary>
    public static void Return()
    {
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
