using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace LipSol.Artifacts.Files;

/// <summary>Files that share their bytes with another instead of being copies of it.</summary>
internal static class FileLink
{
    private const nuint CloneFile = 0x40049409; // FICLONE, linux/fs.h

    /// <summary>Makes <paramref name="target"/> (which must not exist) a copy that shares its blocks until one of them is written; false where the file system can't.</summary>
    public static bool TryReflink(string source, string target)
    {
        if (!OperatingSystem.IsLinux()) return false;
        bool cloned;
        using (var from = File.OpenHandle(source, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete))
        using (var to = File.OpenHandle(target, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            cloned = IoControl(to, CloneFile, from.DangerousGetHandle().ToInt32()) == 0;
        if (!cloned) File.Delete(target);
        return cloned;
    }

    /// <summary>Gives the file a second name; false where the file system can't (another disk, too many names).</summary>
    public static bool TryHardlink(string source, string target) => !OperatingSystem.IsWindows() && Link(source, target) == 0;

    /// <summary>Renames within a file system, over what is there; never copies.</summary>
    /// <exception cref="IOException">It can't be.</exception>
    public static void Rename(string source, string target)
    {
        if (OperatingSystem.IsWindows())
        {
            File.Move(source, target, overwrite: true);
            return;
        }
        if (RenameFile(source, target) == 0) return;
        throw new IOException($"{target} can't be written: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.");
    }

    /// <summary>Has the kernel write everything of the file system that holds this folder to the disk: one call for many new files. False where there's no such call.</summary>
    public static bool TryFlushFileSystem(string folder)
    {
        if (!OperatingSystem.IsLinux()) return false;
        var handle = Open(folder, 0x80000); // O_RDONLY | O_CLOEXEC
        if (handle < 0) return false;
        var status = SyncFileSystem(handle);
        _ = Close(handle);
        return status == 0;
    }

    [DllImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static extern int IoControl(SafeFileHandle handle, nuint request, int argument);

    [DllImport("libc", EntryPoint = "link", SetLastError = true)]
    private static extern int Link([MarshalAs(UnmanagedType.LPUTF8Str)] string source, [MarshalAs(UnmanagedType.LPUTF8Str)] string target);

    [DllImport("libc", EntryPoint = "rename", SetLastError = true)]
    private static extern int RenameFile([MarshalAs(UnmanagedType.LPUTF8Str)] string source, [MarshalAs(UnmanagedType.LPUTF8Str)] string target);

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "close")]
    private static extern int Close(int handle);

    [DllImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    private static extern int SyncFileSystem(int handle);
}
