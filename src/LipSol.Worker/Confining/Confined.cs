using System.Runtime.InteropServices;
using LipSol.WorkerProtocol;

namespace LipSol.Worker.Confining;

/// <summary>Becomes this program again, confined: one that is about to run code of a person. Nothing of that code is in the process yet, and there is no way back.</summary>
internal static class Confined
{
    // What programs read wherever they run: libraries, time zones, who they are. Not all of /etc: keys and passwords lie there too.
    private static readonly string[] OfTheSystem =
    [
        "/usr", "/lib", "/lib64", "/bin", "/proc", "/sys", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/localtime", "/etc/timezone", "/etc/nsswitch.conf", "/etc/passwd", "/etc/group",
        "/etc/os-release", "/etc/ssl/openssl.cnf", "/etc/alternatives", "/etc/dotnet", "/dev/urandom", "/dev/random", "/dev/zero",
    ];

    /// <summary>Comes back only where that isn't possible.</summary>
    /// <param name="confinement">As <see cref="Confinement.ToArgument"/> writes it.</param>
    /// <param name="arguments">The program's further arguments.</param>
    /// <exception cref="PlatformNotSupportedException">This machine can't confine: the message says what it lacks.</exception>
    public static void Become(string confinement, string[] arguments)
    {
        var folders = Confinement.FromArgument(confinement);
        var muxer = Environment.ProcessPath!;
        var dll = typeof(Confined).Assembly.Location;
        // .NET's own folder, the worker's, and where a build on a developer's machine keeps packages.
        string?[] own = [Path.GetDirectoryName(File.ResolveLinkTarget(muxer, returnFinalTarget: true)?.FullName ?? muxer), RuntimeEnvironment.GetRuntimeDirectory(), AppContext.BaseDirectory, Environment.GetEnvironmentVariable("NUGET_PACKAGES")];
        foreach (var folder in folders.Write) Directory.CreateDirectory(folder);
        // No new privileges first: Landlock asks for it.
        SystemCalls.Restrict();
        Landlock.Restrict([.. OfTheSystem, .. own.OfType<string>(), .. folders.Read], folders.Write, ["/dev/null", .. Gpus()]);
        string?[] words = [muxer, .. Path.GetFileNameWithoutExtension(muxer) == "dotnet" ? new[] { dll } : [], Confinement.Begun, .. arguments, null];
        var become = Array.ConvertAll(words, Marshal.StringToCoTaskMemUTF8);
        _ = Execute(muxer, become);
        throw new PlatformNotSupportedException($"{muxer} can't be started anew (error {Marshal.GetLastPInvokeError()}), so code of a notebook can't be confined, and isn't run here.");
    }

    private static IEnumerable<string> Gpus() => Directory.Exists("/dev") ? Directory.EnumerateFileSystemEntries("/dev", "nvidia*") : [];

    [DllImport("libc", EntryPoint = "execv", SetLastError = true)]
    private static extern int Execute([MarshalAs(UnmanagedType.LPUTF8Str)] string path, IntPtr[] arguments);
}
