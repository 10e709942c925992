using System.Diagnostics;
using System.Reflection;

namespace LipSol.Artifacts.Tests;

/// <summary>Real processes that write to one store: killed in the middle, or all at once; and a disk that is full.</summary>
public sealed class CrashTests
{
    private const string Role = "LIPSOL_TEST_STORE";

    [Fact]
    public void A_writer_that_is_killed_leaves_no_artifact_that_is_not_whole()
    {
        using var root = new TemporaryFolder();
        for (var round = 0; round < 3; round++)
        {
            using var writer = StartWriter(root.Path, seed: round, count: 100_000);
            while (writer.StandardOutput.ReadLine() is { } line && !(line.StartsWith("put ", StringComparison.Ordinal) && int.Parse(line[4..]) >= 5)) { }
            writer.Kill();
            writer.WaitForExit();
        }
        var store = new FolderArtifactStore(root.Path);
        var objects = Objects(root.Path);
        Assert.True(objects.Length >= 15);
        Assert.All(objects, hash => store.ReadBytes(hash)); // throws where the bytes are not those of the name
    }

    [Fact]
    public void Processes_that_put_the_same_contents_at_once_all_succeed()
    {
        using var root = new TemporaryFolder();
        var writers = Enumerable.Range(0, 3).Select(_ => StartWriter(root.Path, seed: 9, count: 60)).ToArray();
        foreach (var writer in writers)
        {
            writer.StandardOutput.ReadToEnd();
            writer.WaitForExit();
            Assert.Equal(0, writer.ExitCode);
            writer.Dispose();
        }
        var store = new FolderArtifactStore(root.Path);
        Assert.Equal(60, Objects(root.Path).Length);
        Assert.All(Objects(root.Path), hash => store.ReadBytes(hash));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(root.Path, "tmp")));
    }

    [Fact]
    public void A_full_disk_is_named_leaves_nothing_half_written_and_keeps_what_was_there()
    {
        using var mount = new TemporaryFolder();
        if (Run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", mount.Path) != 0) Assert.Skip("Mounting a tmpfs isn't permitted here.");
        try
        {
            var store = new FolderArtifactStore(mount.Path);
            var small = store.PutBytes("kept"u8);
            var big = new byte[2 << 20];
            new Random(1).NextBytes(big);
            using var source = new TemporaryFolder();
            var path = source.Write("folder/big", big);

            var full = Assert.Throws<ArtifactStoreFullException>(() => store.PutBytes(big));
            Assert.Contains(mount.Path, full.Message, StringComparison.Ordinal);
            Assert.Contains("disk is full", full.Message, StringComparison.Ordinal);
            Assert.Throws<ArtifactStoreFullException>(() => store.PutFile(path));
            Assert.Throws<ArtifactStoreFullException>(() => store.PutFolder(Path.GetDirectoryName(path)!));
            Assert.Throws<IOException>(() => DurableFile.Replace(Path.Combine(mount.Path, "pointer"), big));

            Assert.Equal([small], Objects(mount.Path));
            Assert.Equal("kept"u8.ToArray(), store.ReadBytes(small));
            Assert.Single(Directory.EnumerateFiles(mount.Path, "*", SearchOption.AllDirectories));
            Assert.NotEqual(small, store.PutBytes("there is room for this"u8));
        }
        finally
        {
            Assert.Equal(0, Run("umount", mount.Path));
        }
    }

    // What the child process runs instead of the tests.
    internal static bool RunAsWriter()
    {
        if (Environment.GetEnvironmentVariable(Role) is not { } role) return false;
        var parts = role.Split('|');
        var store = new FolderArtifactStore(parts[0]);
        var random = new Random(int.Parse(parts[1]));
        for (var n = 0; n < int.Parse(parts[2]); n++)
        {
            var bytes = new byte[200_000 + random.Next(200_000)];
            random.NextBytes(bytes);
            store.PutBytes(bytes);
            Console.WriteLine($"put {n + 1}");
        }
        return true;
    }

    private static Process StartWriter(string root, int seed, int count)
    {
        var start = new ProcessStartInfo("dotnet", [Assembly.GetExecutingAssembly().Location]) { RedirectStandardOutput = true };
        start.Environment[Role] = $"{root}|{seed}|{count}";
        return Process.Start(start)!;
    }

    private static int Run(string command, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return -1;
        }
    }

    private static string[] Objects(string root) =>
        [.. Directory.EnumerateFiles(Path.Combine(root, "files", "md5"), "*", SearchOption.AllDirectories).Select(f => Path.GetFileName(Path.GetDirectoryName(f)) + Path.GetFileName(f))];
}

/// <summary>The module's first code: a process that was started as a writer writes and ends before any test runs.</summary>
internal static class WriterEntry
{
    [System.Runtime.CompilerServices.ModuleInitializer]
    internal static void Enter()
    {
        if (CrashTests.RunAsWriter()) Environment.Exit(0);
    }
}
