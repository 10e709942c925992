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

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
