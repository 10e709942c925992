using System.Runtime.InteropServices;

namespace LipSol.Kernel.Jupyter;

/// <summary>SIGINT, by which Jupyter interrupts kernels of other processes.</summary>
public static class InterruptSignal
{
    private const int Number = 2;

    /// <summary>Has this process take it though who started it ignores it. To be called before anything else is: what .NET finds ignored when it first looks it leaves at that.</summary>
    /// <remarks>What a shell starts in the background (<c>jupyter lab &amp;</c> in a script) ignores it, and so do all processes that it starts. A kernel has to be interrupted all the same.</remarks>
    public static void Heed()
    {
        if (!OperatingSystem.IsWindows())
            _ = Signal(Number, handler: 0); // SIG_DFL
    }

    [DllImport("libc", EntryPoint = "signal")]
    private static extern nint Signal(int number, nint handler);
}
