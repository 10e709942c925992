using System.Runtime.InteropServices;

namespace LipSol.Kernel.Engine;

/// <summary>Which signals the current thread holds back (pthread_sigmask(3)).</summary>
/// <remarks>
/// The runtime aborts a thread from within the handler of a signal of its own, and an aborted thread leaves that handler by an exception. The signal then stays blocked for it, and for each thread
/// that it starts, those of the pool among them: none of them can be aborted any more, or be stopped for a collection where it doesn't ask. So what an abort may have changed is put back.
/// </remarks>
internal readonly struct SignalMask
{
    // sigset_t has 128 bytes on Linux, fewer elsewhere.
    private const int LargestSet = 128;
    private readonly byte[]? _set;

    private SignalMask(byte[] set) => _set = set;

    /// <summary>What the current thread holds back now.</summary>
    public static SignalMask Read()
    {
        if (OperatingSystem.IsWindows())
            return default;
        var set = new byte[LargestSet];
        return PthreadSigmask(0, null, set) == 0 ? new SignalMask(set) : default;
    }

    /// <summary>Has the current thread hold back that and nothing else.</summary>
    public void Restore()
    {
        if (_set is not null)
            _ = PthreadSigmask(OperatingSystem.IsMacOS() ? 3 : 2, _set, null); // SIG_SETMASK
    }

    [DllImport("libc", EntryPoint = "pthread_sigmask")]
    private static extern int PthreadSigmask(int how, byte[]? set, [Out] byte[]? before);
}
