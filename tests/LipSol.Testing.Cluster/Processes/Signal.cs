using System.Runtime.InteropServices;

namespace LipSol.Testing.Cluster.Processes;

/// <summary>What a process can be sent; numbers of Linux on x86-64 and arm64, see signal(7).</summary>
internal enum Signal
{
    Interrupt = 2,
    Kill = 9,
    SegmentationFault = 11,
    Terminate = 15,
    Continue = 18,
    Stop = 19,
}

internal static class Signals
{
    /// <summary>Sends a signal to one process; not to its children.</summary>
    public static void Send(this Signal signal, int processId) =>
        Assert.True(Kill(processId, (int)signal) == 0, $"Process {processId} could not be sent {signal}: error {Marshal.GetLastPInvokeError()}.");

    /// <summary>As <see cref="Send"/>; false where there is no such process any more.</summary>
    public static bool TrySend(this Signal signal, int processId) => Kill(processId, (int)signal) == 0;

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int processId, int signal);
}
