using System.Diagnostics;
using LipSol.Artifacts.Dvc;

namespace LipSol.Artifacts.Tests.Dvc;

/// <summary>A repository on a file system that clones files: XFS in a file, mounted.</summary>
public sealed class ReflinkTests
{
    private const int Size = 64 << 20;

    [Fact, Trait("Category", "Long")]
    public async Task Files_share_their_blocks_with_the_cache_and_are_changed_apart_from_it()
    {
        using var folder = new TemporaryFolder();
        var (image, mount) = (folder["image"], folder["mount"]);
        Directory.CreateDirectory(mount);
        await using (var file = File.Create(image)) file.SetLength(1L << 30);
        if (!Succeeds("mkfs.xfs", "-q", "-m", "reflink=1", image) || !Succeeds("mount", "-o", "loop", image, mount)) Assert.Skip("Needs root, xfsprogs and loop devices, to make a file system that clones files.");
        try
        {
            var bytes = new byte[Size];
            new Random(1).NextBytes(bytes);
            var clip = Path.Combine(mount, "clips", "clip.bin");
            Directory.CreateDirectory(Path.GetDirectoryName(clip)!);
            await File.WriteAllBytesAsync(clip, bytes, TestContext.Current.CancellationToken);
            Assert.True(Succeeds("git", "init", "--quiet", mount));
            var repository = DvcRepository.OpenOrCreate(mount);
            var added = DvcAdd.Run(repository, Path.GetDirectoryName(clip)!, cancellationToken: TestContext.Current.CancellationToken);
            Assert.Contains("shared", Extents(clip));
            // It's a file of its own: whoever writes to it leaves the cache as it was.
            await File.AppendAllTextAsync(clip, "more", TestContext.Current.CancellationToken);
            Assert.Equal(VersionState.Modified, Assert.Single(DvcStatus.Read(DvcRepository.Open(mount), cancellationToken: TestContext.Current.CancellationToken)).State);
            File.Delete(clip);
            await DvcPull.RunAsync(DvcRepository.Open(mount), remote: folder["remote"], force: true, cancellationToken: TestContext.Current.CancellationToken);
            Assert.Contains("shared", Extents(clip));
            Assert.Equal(ArtifactHash.Of(bytes), ArtifactHash.OfPath(clip));
            Assert.Equal(added.Hash, Assert.Single(DvcStatus.Read(DvcRepository.Open(mount), cancellationToken: TestContext.Current.CancellationToken)).Hash);
        }
        finally
        {
            Assert.True(Succeeds("umount", mount));
        }
    }

    private static string Extents(string path)
    {
        using var process = Process.Start(new ProcessStartInfo("filefrag", ["-v", path]) { RedirectStandardOutput = true })!;
        return process.StandardOutput.ReadToEnd();
    }

    private static bool Succeeds(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
