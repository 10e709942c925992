using System.Runtime.InteropServices;

namespace LipSol.Artifacts;

/// <summary>Files that appear whole or not at all, and stay after a power cut: temporary name, flush, rename, flush of the folder.</summary>
public static class DurableFile
{
    private const int NoSpace = 28, NoQuota = 122; // ENOSPC, EDQUOT
    private const int WindowsDiskFull = unchecked((int)0x80070070), WindowsHandleDiskFull = unchecked((int)0x80070027);

    /// <summary>Replaces <paramref name="path"/> by these bytes; readers see the old or the new content, never a part.</summary>
    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}.part";
        try
        {
            using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                file.Write(content);
                file.Flush(flushToDisk: true);
            }
            Publish(temporary, path);
        }
        catch
        {
            Discard(temporary);
            throw;
        }
    }

    /// <summary>Whether the error says that another process holds the file: EWOULDBLOCK of flock(2) on Unix (11 on Linux, 35 on macOS), ERROR_SHARING_VIOLATION on Windows.</summary>
    public static bool IsHeld(IOException error) => OperatingSystem.IsWindows() ? (error.HResult & 0xFFFF) == 32 : error.HResult is 11 or 35;

    /// <summary>Whether the error says that the disk is full.</summary>
    public static bool IsDiskFull(IOException error) => OperatingSystem.IsWindows()
        ? error.HResult is WindowsDiskFull or WindowsHandleDiskFull : error.HResult is NoSpace or NoQuota;

    /// <summary>What an error says, and what to do where a disk is full.</summary>
    public static string Words(Exception error) => error is IOException io and not ArtifactStoreFullException && IsDiskFull(io)
        ? $"The disk is full: {error.Message.TrimEnd('.')}. Free some space, or use a larger disk, and try again." : error.Message;

    internal static void Publish(string temporary, string path)
    {
        File.Move(temporary, path, overwrite: true);
        FlushFolder(Path.GetDirectoryName(path)!);
    }

    internal static void Discard(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A leftover under a temporary name harms nothing; the error that led here matters more.
        }
    }

    // A rename is durable only once the folder that holds the name is flushed, which .NET has no call for.
    internal static void FlushFolder(string folder)
    {
        if (!OperatingSystem.IsLinux()) return;
        const int readOnlyDirectory = 0x10000 | 0x80000; // O_RDONLY | O_DIRECTORY | O_CLOEXEC on x86-64; arm64 swaps O_DIRECTORY's bit
        var flags = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x4000 | 0x80000 : readOnlyDirectory;
        var handle = Open(folder, flags);
        if (handle < 0) return;
        _ = Fsync(handle);
        _ = Close(handle);
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static extern int Fsync(int handle);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    private static extern int Close(int handle);
}
