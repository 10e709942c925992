using System.Runtime.InteropServices;

namespace LipSol.Artifacts.Files;

/// <summary>What a file is.</summary>
internal enum FileKind
{
    Regular,
    Folder,
    Link,
    Other,
}

/// <summary>What tells whether a file has changed, in one system call. Links can be followed or not.</summary>
internal readonly record struct FileState(FileKind Kind, long Size, long ModifiedNanoseconds, ulong Inode, ulong Device, uint Links, bool IsExecutable)
{
    private const int CurrentFolder = -100, NoFollow = 0x100, NoAutomount = 0x800; // AT_FDCWD, AT_SYMLINK_NOFOLLOW, AT_NO_AUTOMOUNT
    private const uint Basic = 0x7ff; // STATX_BASIC_STATS
    private const int NoEntry = 2, NotAFolder = 20;

    /// <summary>The state of a path; null where nothing is there (of a link that is followed: where it leads).</summary>
    /// <exception cref="IOException">It can't be looked at.</exception>
    public static FileState? Of(string path, bool follow = true)
    {
        if (!OperatingSystem.IsLinux()) return Portable(path, follow);
        var status = StatX(CurrentFolder, path, NoAutomount | (follow ? 0 : NoFollow), Basic, out var stat);
        if (status == 0)
        {
            var kind = (stat.Mode & 0xF000) switch { 0x8000 => FileKind.Regular, 0x4000 => FileKind.Folder, 0xA000 => FileKind.Link, _ => FileKind.Other };
            return new FileState(kind, (long)stat.Size, stat.ModifiedSeconds * 1_000_000_000 + stat.ModifiedNanoseconds, stat.Inode, ((ulong)stat.DeviceMajor << 32) | stat.DeviceMinor, stat.Links, (stat.Mode & 0x49) != 0);
        }
        var error = Marshal.GetLastPInvokeError();
        if (error is NoEntry or NotAFolder) return null;
        throw new IOException($"{path} can't be looked at: {Marshal.GetPInvokeErrorMessage(error)}.");
    }

    private static FileState? Portable(string path, bool follow)
    {
        FileSystemInfo info = Directory.Exists(path) ? new DirectoryInfo(path) : new FileInfo(path);
        if (!info.Exists) return null;
        if (info.LinkTarget is not null)
        {
            if (!follow) return new FileState(FileKind.Link, 0, 0, 0, 0, 1, false);
            if (info.ResolveLinkTarget(returnFinalTarget: true) is not { Exists: true } target) return null;
            info = target;
        }
        var executable = !OperatingSystem.IsWindows() && (info.UnixFileMode & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;
        return new FileState(info is DirectoryInfo ? FileKind.Folder : FileKind.Regular, (info as FileInfo)?.Length ?? 0, (info.LastWriteTimeUtc - DateTime.UnixEpoch).Ticks * 100, 0, 0, 1, executable);
    }

    [DllImport("libc", EntryPoint = "statx", SetLastError = true)]
    private static extern int StatX(int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, out StatXBuffer buffer);

    // struct statx of linux/stat.h, the same on all architectures.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatXBuffer
    {
        [FieldOffset(16)] public uint Links;
        [FieldOffset(28)] public ushort Mode;
        [FieldOffset(32)] public ulong Inode;
        [FieldOffset(40)] public ulong Size;
        [FieldOffset(112)] public long ModifiedSeconds;
        [FieldOffset(120)] public uint ModifiedNanoseconds;
        [FieldOffset(136)] public uint DeviceMajor;
        [FieldOffset(140)] public uint DeviceMinor;
    }
}
