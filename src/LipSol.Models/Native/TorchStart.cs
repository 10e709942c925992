using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LipSol.Models.Native;

/// <summary>What has to happen before libtorch is loaded, wherever its first use is.</summary>
internal static partial class TorchStart
{
#pragma warning disable CA2255 // a module initializer is what runs before the first use of TorchSharp
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Prepare()
    {
        WaitWithoutSpinning();
        KeepFreedMemory();
        TorchOnOlderLinux.Load();
    }

    // Threads that wait for each other at the end of every operation spin by default. Where something else runs on the same cores (the silo, a notebook)
    // the one they wait for is then not running: two training threads on two busy cores were 12 times slower than with this. libgomp reads the variable when it is
    // loaded; Environment.SetEnvironmentVariable would not reach it.
    private static void WaitWithoutSpinning()
    {
        if (OperatingSystem.IsWindows() || Environment.GetEnvironmentVariable("GOMP_SPINCOUNT") is not null) return;
        _ = SetEnvironment("OMP_WAIT_POLICY", "passive", overwrite: 0);
    }

    // glibc gives large blocks back to the system as soon as they are freed and asks for them again a moment later; each time the system hands out zeroed pages. Training frees
    // and takes the same tensors in every step: kept, a step of word-tcn takes half the processor time. The worker's memory goes back when the process ends.
    private static void KeepFreedMemory()
    {
        if (!OperatingSystem.IsLinux() || Environment.GetEnvironmentVariable("MALLOC_MMAP_THRESHOLD_") is not null) return;
        const int trimThreshold = -1, topPad = -2, mmapThreshold = -3, arenaMax = -8; // malloc.h
        try
        {
            _ = SetMemoryOption(arenaMax, 1); // only the main arena can hold blocks of any size
            _ = SetMemoryOption(mmapThreshold, 1 << 30);
            _ = SetMemoryOption(trimThreshold, int.MaxValue);
            _ = SetMemoryOption(topPad, 64 << 20);
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library (musl): it has its own ways.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetMemoryOption(int option, int value);

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
