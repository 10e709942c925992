using System.Runtime.InteropServices;

namespace LipSol.WorkerProtocol;

/// <summary>Whether this machine can confine a worker (<see cref="Confinement"/>): asked of the kernel, at no cost.</summary>
public static partial class ConfinementSupport
{
    /// <summary>The first version of Landlock that lets files be moved between folders, as stores of artifacts do.</summary>
    public const int LeastLandlock = 2;

    private const int CreateRuleset = 444, VersionAlone = 1, GetSeccomp = 21;

    /// <summary>The kernel's version of Landlock (landlock(7)); 0 where it has none.</summary>
    public static int LandlockVersion => OperatingSystem.IsLinux() ? (int)Math.Max(0, Syscall(CreateRuleset, 0, 0, VersionAlone)) : 0;

    /// <summary>Why it can't, for people; null where it can.</summary>
    public static string? WhyNot =>
        RuntimeInformation.ProcessArchitecture is not (Architecture.X64 or Architecture.Arm64) ? $"its processor is of the kind {RuntimeInformation.ProcessArchitecture}"
        : LandlockVersion < LeastLandlock ? "its kernel has no Landlock (Linux 5.19 and later have it, where it's switched on)"
        : Prctl(GetSeccomp, 0, 0, 0, 0) < 0 ? "its kernel has no seccomp"
        : null;

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint Syscall(nint number, nint first, nint second, nint third);

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Prctl(int option, nint second, nint third, nint fourth, nint fifth);
}
