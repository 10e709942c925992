using System.Diagnostics;

namespace LipSol.Testing.Cluster.Processes;

/// <summary>A small file system, which can be filled to its last byte and emptied again.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private SmallDisk() { }

    public string Path => folder.Path;

    private string Ballast => folder["ballast"];

    /// <summary>Mounts one; the test is skipped where that isn't allowed.</summary>
    public static SmallDisk Mount(int kibibytes)
    {
        var disk = new SmallDisk();
        var (status, words) = Run("mount", "-t", "tmpfs", "-o", $"size={kibibytes}k", "lipsol-test", disk.Path);
        if (status == 0) return disk;
        disk.folder.Dispose();
        Assert.Skip($"Only root may mount the small disk that this test fills up ({words.Trim()}). Run it as root, or in a container with CAP_SYS_ADMIN.");
        throw new UnreachableException();
    }

    /// <summary>Takes all the room there is but this much, and again what is given back in the meantime.</summary>
    public void Fill(int leaveKibibytes = 0)
    {
        using var ballast = new FileStream(Ballast, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        for (var size = 1 << 20; size >= 1; size /= 2)
        {
            try
            {
                while (true) ballast.Write(new byte[size]);
            }
            catch (IOException)
            {
                // No room for a piece of this size.
            }
        }
        ballast.SetLength(ballast.Length - (leaveKibibytes * 1024L));
    }

    public void Free() => File.Delete(Ballast);

    public void Dispose()
    {
        // Lazily: a process that was killed a moment ago may still be going.
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
