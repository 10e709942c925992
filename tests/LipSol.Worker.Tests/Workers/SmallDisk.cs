using System.Diagnostics;

namespace LipSol.Worker.Tests.Workers;

/// <summary>A file system of a few hundred KiB: a disk that's full when a test wants it to be.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly ScratchFolder folder = new();

    private SmallDisk() { }

    public string Path => folder.Path;

    /// <summary>Mounts one; the test is skipped where that isn't allowed.</summary>
    public static SmallDisk Mount(int kibibytes)
    {
        var disk = new SmallDisk();
        var (status, words) = Run("mount", "-t", "tmpfs", "-o", $"size={kibibytes}k", "lipsol-test", disk.Path);
        if (status == 0) return disk;
        disk.folder.Dispose();
        Assert.Skip($"A tmpfs can't be mounted here ({words.Trim()}): a full disk can't be had without root.");
        throw new UnreachableException();
    }

    /// <summary>Takes all the space but this much.</summary>
    public void Fill(int leaveKibibytes)
    {
        var free = new DriveInfo(Path).AvailableFreeSpace - leaveKibibytes * 1024L;
        if (free > 0) File.WriteAllBytes(System.IO.Path.Combine(Path, "ballast"), new byte[free]);
    }

    public void Dispose()
    {
        // Lazily: a worker that was killed a moment ago may still be going.
        Run("umount", "--lazy", Path);
        folder.Dispose();
    }

    private static (int Status, string Words) Run(string command, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            var words = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, words);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return (-1, e.Message);
        }
    }
}
