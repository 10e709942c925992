using System.Diagnostics;
using System.Runtime.InteropServices;

namespace LipSol.WorkerProtocol;

/// <summary>Signals that <see cref="Process"/> can't send, and an exit that waits for nothing.</summary>
public static partial class Signals
{
    private const int Sigterm = 15;

    /// <summary>Sends SIGTERM; a process that is gone is no error.</summary>
    public static void Terminate(Process process)
    {
        try
        {
            if (!process.HasExited) _ = Kill(process.Id, Sigterm);
        }
        catch (InvalidOperationException)
        {
            // Disposed: it's gone.
        }
    }

    /// <summary>Ends this process at once, whatever its other threads do, native code included: see _exit(2).</summary>
    public static void ExitNow(int status) => Exit(status);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int processId, int signal);

    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void Exit(int status);
}
