using System.Globalization;

namespace LipSol.WorkerProtocol;

/// <summary>What Linux tells of a process' memory, and of whom it ended for want of some.</summary>
internal static class WorkerMemory
{
    private static readonly string[] Own = ["RssAnon:", "RssShmem:", "VmSwap:"];

    /// <summary>The memory that is the process' own, in the main memory and swapped out, in bytes; 0 where it's gone. Files it has mapped, libraries above all, aren't counted: they can be read again.</summary>
    public static long OwnBytes(int processId)
    {
        try
        {
            // In kB; see proc_pid_status(5).
            return File.ReadLines($"/proc/{processId}/status").Where(l => Own.Any(o => l.StartsWith(o, StringComparison.Ordinal)))
                .Sum(l => long.Parse(l[(l.IndexOf(':', StringComparison.Ordinal) + 1)..^"kB".Length], CultureInfo.InvariantCulture)) << 10;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return 0;
        }
    }

    /// <summary>How often this machine's kernel has ended a process since memory ran out, in a container or at all; null where it doesn't tell (it does from Linux 4.13 on).</summary>
    public static long? Kills(string counters = "/proc/vmstat")
    {
        const string name = "oom_kill ";
        try
        {
            return File.ReadLines(counters).FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal)) is { } line && long.TryParse(line[name.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>What a SIGKILL that nobody here sent was, by the kernel's count before and after.</summary>
    public static string Killed(long? before, long? after) => (before, after) switch
    {
        ({ } b, { } a) when a > b => "the worker was killed (signal 9) by the system, which had run out of memory. Let the run use less, or have it run where there is more",
        ({ } b, { } a) when a == b => "the worker was killed (signal 9): by someone, since the system hasn't run out of memory meanwhile",
        _ => "the worker was killed (signal 9): by someone, or by the system when memory ran out",
    };

    /// <summary><c>1.5 GB</c>.</summary>
    public static string Text(long bytes) => bytes >= 1L << 30 ? (bytes / (double)(1L << 30)).ToString("0.##", CultureInfo.InvariantCulture) + " GB" : (bytes / (double)(1L << 20)).ToString("0", CultureInfo.InvariantCulture) + " MB";
}
