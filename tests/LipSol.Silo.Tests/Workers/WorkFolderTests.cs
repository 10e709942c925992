using LipSol.Silo.Workers;
using Microsoft.Extensions.Logging.Abstractions;

namespace LipSol.Silo.Tests.Workers;

public sealed class WorkFolderTests
{
    [Fact]
    public void Folders_that_a_worker_made_unreadable_go_as_well_and_what_links_lead_to_stays()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no such modes.");
            return;
        }

        using var folder = new TemporaryFolder();
        var (work, outside) = (Path.Combine(folder.Path, "work"), Path.Combine(folder.Path, "outside"));
        var closed = Directory.CreateDirectory(Path.Combine(work, "run", "closed")).FullName;
        File.WriteAllText(Path.Combine(closed, "file"), "");
        File.SetUnixFileMode(closed, UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Directory.CreateDirectory(outside);
        File.WriteAllText(Path.Combine(outside, "kept"), "");
        File.SetUnixFileMode(outside, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Directory.CreateSymbolicLink(Path.Combine(work, "link"), outside);

        WorkFolder.Remove(work, NullLogger.Instance);
        WorkFolder.Remove(work, NullLogger.Instance);

        Assert.False(Directory.Exists(work));
        Assert.True(File.Exists(Path.Combine(outside, "kept")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserExecute, File.GetUnixFileMode(outside));
        File.SetUnixFileMode(outside, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
