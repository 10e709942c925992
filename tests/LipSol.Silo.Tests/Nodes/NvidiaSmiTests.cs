using LipSol.Silo.Node;

namespace LipSol.Silo.Tests.Nodes;

/// <summary>GPUs as NVIDIA's own tool tells them; here a script in its place.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class NvidiaSmiTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("lipsol-nvidia-");
    private readonly List<string> notes = [];

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void GPUs_have_their_index_name_and_memory()
    {
        Script("printf '0, NVIDIA A100-SXM4-40GB, 40960\\n3, Tesla T4, [N/A]\\n'");
        Assert.Equal([new Gpu(0, "NVIDIA A100-SXM4-40GB", 40960L << 20), new Gpu(3, "Tesla T4", 0)], Find(null));
        Assert.Empty(notes);
    }

    [Fact]
    public void A_node_that_was_given_some_of_them_asks_for_those_alone()
    {
        Script("echo \"$@\" > " + Path.Combine(folder.FullName, "asked") + "; echo '1, Tesla T4, 15360'");
        Assert.Equal(1, Assert.Single(Find("1, 2")!).Index);
        Assert.Contains("--id=1,2", File.ReadAllText(Path.Combine(folder.FullName, "asked")));
        Assert.Empty(Find("")!);
        Assert.Empty(Find("-1")!);
    }

    [Theory]
    [InlineData("echo 'NVIDIA-SMI has failed because it could not communicate with the driver.'; exit 9", "status 9: NVIDIA-SMI has failed")]
    [InlineData("echo 'something else'", "something else")]
    public void A_tool_that_fails_is_said_and_the_device_files_count(string script, string said)
    {
        Script(script);
        Assert.Null(Find(null));
        Assert.Contains(said, Assert.Single(notes));
        Assert.Contains("device files", notes[0]);
    }

    [Fact]
    public void A_tool_that_hangs_does_not_keep_the_node_from_starting()
    {
        Script("sleep 600");
        Assert.Null(NvidiaSmi.Find(notes.Add, null, folder.FullName, TimeSpan.FromMilliseconds(300)));
        Assert.Contains("no answer", Assert.Single(notes));
    }

    [Fact]
    public void Without_the_tool_there_is_nothing_to_say()
    {
        Assert.Null(Find(null));
        Assert.Empty(notes);
    }

    private IReadOnlyList<Gpu>? Find(string? visible) => NvidiaSmi.Find(notes.Add, visible, folder.FullName, Patience);

    private void Script(string body)
    {
        var path = Path.Combine(folder.FullName, NvidiaSmi.Tool);
        File.WriteAllText(path, "#!/bin/sh\n" + body + "\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.UserWrite);
    }
}
