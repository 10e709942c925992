using System.Net;
using System.Net.Sockets;
using LipSol.Client;
using LipSol.Silo.Node;

namespace LipSol.Silo.Tests.Nodes;

public sealed class StartTests
{
    [Fact]
    public async Task A_second_node_on_one_data_folder_is_refused_and_names_the_first()
    {
        await using var first = await TestNode.StartAsync();
        var refusal = await Assert.ThrowsAsync<NodeStartException>(() => LipSolNode.StartAsync(TestNode.Options(first.DataFolder)));
        Assert.Contains("Another node runs on the data folder", refusal.Message);
        Assert.Contains(first.Url, refusal.Message);
        Assert.Equal("test", (await first.Client.GetNodeAsync()).Name);
    }

    [Fact]
    public async Task A_port_in_use_is_said_in_one_line_and_leaves_the_data_folder_free()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        using var folder = new TemporaryFolder();

        var refusal = await Assert.ThrowsAsync<NodeStartException>(() => LipSolNode.StartAsync(TestNode.Options(folder.Path) with { Port = port }));

        Assert.Contains($"Port {port} is in use", refusal.Message);
        Assert.DoesNotContain('\n', refusal.Message);
        DataFolderLock.Take(folder.Path).Dispose();
    }

    [Fact]
    public async Task Bad_options_end_with_status_2()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(2, await NodeCommand.RunAsync(["--data", folder.Path, "--port", "99999"]));
        Assert.Equal(2, await NodeCommand.RunAsync(["--data", folder.Path, "--bind", "nowhere"]));
        Assert.Equal(2, await NodeCommand.RunAsync(["--data", folder.Path, "--name", "a@b"]));
        Assert.Equal(2, await NodeCommand.RunAsync(["--data", folder.Path, "--device", "gpu"]));
        Assert.Equal(2, await NodeCommand.RunAsync(["--unknown"]));
    }

    [Fact]
    public async Task A_data_folder_that_is_a_file_is_said()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "file");
        await File.WriteAllTextAsync(file, "");
        var refusal = await Assert.ThrowsAsync<NodeStartException>(() => LipSolNode.StartAsync(TestNode.Options(file)));
        Assert.Contains("--data", refusal.Message);
    }

    [Fact]
    public async Task A_node_that_stopped_leaves_no_trace_of_running_and_keeps_its_token_and_history()
    {
        using var folder = new TemporaryFolder();
        string token;
        await using (var first = await LipSolNode.StartAsync(TestNode.Options(folder.Path)))
        {
            token = first.Token;
            Assert.NotNull(NodeFile.Read(folder.Path));
        }
        Assert.Null(NodeFile.Read(folder.Path));
        Assert.Throws<LipSolUnreachableException>(() => LipSolClient.Connect(folder.Path));

        await using var second = await LipSolNode.StartAsync(TestNode.Options(folder.Path));
        Assert.Equal(token, second.Token);
    }

    [Fact]
    public async Task Uploads_left_by_a_killed_node_are_removed()
    {
        await using var node = await TestNode.StartAsync(options =>
        {
            Directory.CreateDirectory(Path.Combine(options.UploadFolder, "left"));
            File.WriteAllText(Path.Combine(options.UploadFolder, "left", "clip.mp4"), "x");
            return options;
        });
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(node.DataFolder, "uploads")));
    }

    [Theory]
    [InlineData(0, 2, "cpu", 2)]
    [InlineData(3, 1, "cuda:0", 3)]
    public void A_node_has_a_slot_a_gpu_or_shares_of_the_processors(int gpus, int slots, string device, int expected)
    {
        var found = NodeSlots.Find(TestNode.Options("x") with { Slots = slots }, [.. Enumerable.Range(0, gpus).Select(i => new Gpu(i, null, 0))]);
        Assert.Equal(expected, found.Count);
        Assert.Equal(device, found[0].Device);
        Assert.All(found, s => Assert.True(s.Threads >= 1));
    }
}
