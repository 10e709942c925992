using System.Runtime.InteropServices;
using LipSol.WorkerProtocol;

namespace LipSol.Worker.Confining;

/// <summary>
/// What the kernel lets this thread, and whatever program it becomes, do with files: reading below some folders, writing below others, nothing else (landlock(7)). It can never be widened again.
/// </summary>
internal static class Landlock
{
    private const int CreateRuleset = 444, AddRule = 445, RestrictSelf = 446;
    private const int PathBeneath = 1;
    private const int OPath = 0x200000, OCloseOnExec = 0x80000;

    private const ulong Execute = 1, WriteFile = 2, ReadFile = 4, ReadFolder = 8, RemoveFolder = 16, RemoveFile = 32, MakeFolder = 128, MakeRegular = 256, Refer = 1 << 13, Truncate = 1 << 14, Devices = 1 << 15;
    private const ulong Reading = Execute | ReadFile | ReadFolder;
    private const ulong OfFiles = Execute | WriteFile | ReadFile | Truncate | Devices;

    // Links, sockets, pipes and devices are made nowhere: whoever takes over what lies in a folder that may be written finds files alone.
    private const ulong Writing = Reading | WriteFile | RemoveFolder | RemoveFile | MakeFolder | MakeRegular | Refer | Truncate;
    private static readonly ulong[] KnownSince = [0, (1UL << 13) - 1, (1UL << 14) - 1, (1UL << 15) - 1, (1UL << 15) - 1, (1UL << 16) - 1];

    /// <summary>Restricts this thread. Paths that don't exist are passed over.</summary>
    /// <param name="read">Folders and files to read and to run.</param>
    /// <param name="write">Folders to write to as well.</param>
    /// <param name="devices">Files to read, write and control.</param>
    /// <exception cref="PlatformNotSupportedException">The kernel can't.</exception>
    public static void Restrict(IEnumerable<string> read, IEnumerable<string> write, IEnumerable<string> devices)
    {
        var version = ConfinementSupport.LandlockVersion;
        if (version < ConfinementSupport.LeastLandlock) throw new PlatformNotSupportedException("This machine's kernel has no Landlock (Linux 5.19 and later have it, where it's switched on), so code of a notebook can't be confined, and isn't run here.");
        var handled = KnownSince[Math.Min(version, KnownSince.Length - 1)];
        // Connecting and listening over TCP; signals and abstract sockets to and from whoever isn't confined so.
        var attributes = new RulesetAttributes { Files = handled, Network = version >= 4 ? 3UL : 0, Scoped = version >= 6 ? 3UL : 0 };
        var size = version >= 6 ? 24 : version >= 4 ? 16 : 8;
        var ruleset = (int)Demand(CreateRulesetOf(CreateRuleset, ref attributes, size, 0), "create a ruleset");
        foreach (var path in read) Allow(ruleset, path, Reading & handled);
        foreach (var path in write) Allow(ruleset, path, Writing & handled);
        foreach (var path in devices) Allow(ruleset, path, (ReadFile | WriteFile | Devices) & handled);
        Demand(Syscall(RestrictSelf, ruleset, 0, 0, 0), "confine itself");
        _ = Close(ruleset);
    }

    private static void Allow(int ruleset, string path, ulong access)
    {
        var file = Open(path, OPath | OCloseOnExec);
        if (file < 0) return;
        var rule = new PathRule { Access = Directory.Exists(path) ? access : access & OfFiles, File = file };
        Demand(AddRuleOf(AddRule, ruleset, PathBeneath, ref rule, 0), $"allow {path}");
        _ = Close(file);
    }

    private static long Demand(long result, string what) => result >= 0 ? result : throw new PlatformNotSupportedException($"The kernel didn't let the worker {what} (error {Marshal.GetLastPInvokeError()}), so code of a notebook can't be confined, and isn't run here.");

    [StructLayout(LayoutKind.Sequential)]
    private struct RulesetAttributes
    {
        public ulong Files;
        public ulong Network;
        public ulong Scoped;
    }

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct PathRule
    {
        public ulong Access;
        public int File;
    }

    [DllImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static extern long Syscall(long number, long first, long second, long third, long fourth);

    [DllImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static extern long CreateRulesetOf(long number, ref RulesetAttributes attributes, long size, long flags);

    [DllImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static extern long AddRuleOf(long number, long ruleset, long kind, ref PathRule rule, long flags);

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "close")]
    private static extern int Close(int file);
}
