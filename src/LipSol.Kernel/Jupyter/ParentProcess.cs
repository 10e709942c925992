using System.Diagnostics;
using System.Globalization;

namespace LipSol.Kernel.Jupyter;

/// <summary>The process that started the kernel: when it is gone, nobody will ever stop the kernel, so it stops itself.</summary>
internal static class ParentProcess
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);

    /// <summary>Done when the parent is gone, within a second of that; never where it isn't known.</summary>
    public static async Task GoneAsync(CancellationToken cancellation)
    {
        var parent = Id();
        int? named = int.TryParse(Environment.GetEnvironmentVariable("JPY_PARENT_PID"), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id > 1 ? id : null;
        using var timer = new PeriodicTimer(Look);
        while (await timer.WaitForNextTickAsync(cancellation))
        {
            // Who has lost its parent gets another. Where a program stands between, Jupyter's own number tells.
            if ((parent is > 1 && Id() != parent) || (named is { } jupyter && jupyter != parent && !Exists(jupyter)))
                return;
        }
    }

    // Linux alone tells the parent in a file; elsewhere the number that Jupyter hands over has to do.
    private static int? Id()
    {
        if (!OperatingSystem.IsLinux())
            return null;
        var stat = File.ReadAllText("/proc/self/stat");
        // The program's name, in brackets, may hold anything; behind it come the state and the parent.
        return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
    }

    private static bool Exists(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return !process.HasExited;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            return false;
        }
    }
}
