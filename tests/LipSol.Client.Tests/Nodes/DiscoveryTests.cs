using System.Text.Json;

namespace LipSol.Client.Tests.Nodes;

/// <summary>How a node is found. Touches the process' environment: one class, so one test at a time.</summary>
public sealed class DiscoveryTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("lipsol-").FullName;
    private readonly Dictionary<string, string?> before = new[] { "LIPSOL_URL", "LIPSOL_TOKEN", "LIPSOL_DATA" }.ToDictionary(name => name, Environment.GetEnvironmentVariable);

    public DiscoveryTests()
    {
        foreach (var name in before.Keys) Environment.SetEnvironmentVariable(name, null);
    }

    public void Dispose()
    {
        foreach (var (name, value) in before) Environment.SetEnvironmentVariable(name, value);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void The_environment_names_a_node()
    {
        Environment.SetEnvironmentVariable("LIPSOL_URL", "https://lab.example/lipsol");
        using var client = LipSolClient.Connect();
        Assert.Equal("https://lab.example/lipsol/", client.Url.AbsoluteUri);
    }

    [Fact]
    public void An_address_that_is_none_is_said()
    {
        Environment.SetEnvironmentVariable("LIPSOL_URL", "lab:5000");
        Assert.Contains("http://127.0.0.1:5000", Assert.Throws<LipSolException>(() => LipSolClient.Connect()).Message);
    }

    [Fact]
    public void A_data_folder_names_its_node_even_where_the_environment_names_another()
    {
        WriteNode();
        Environment.SetEnvironmentVariable("LIPSOL_URL", "http://127.0.0.1:1");
        using var client = LipSolClient.Connect(folder);
        Assert.Equal(5123, client.Url.Port);
    }

    [Fact]
    public void The_data_folder_may_be_named_by_the_environment()
    {
        WriteNode();
        Environment.SetEnvironmentVariable("LIPSOL_DATA", folder);
        using var client = LipSolClient.Connect();
        Assert.Equal(5123, client.Url.Port);
    }

    [Fact]
    public void Without_a_node_the_way_to_start_one_is_told()
        => Assert.Contains("lipsol up", Assert.Throws<LipSolUnreachableException>(() => LipSolClient.Connect(folder)).Message);

    [Fact]
    public async Task A_node_that_was_killed_is_unreachable()
    {
        WriteNode(port: 9);
        Assert.Contains("lipsol up", (await Assert.ThrowsAsync<LipSolUnreachableException>(() => LipSolClient.ConnectAsync(folder))).Message);
    }

    [Fact]
    public void A_damaged_node_file_or_a_missing_token_is_said()
    {
        WriteNode();
        File.Delete(Path.Combine(folder, "token"));
        Assert.Contains("LIPSOL_TOKEN", Assert.Throws<LipSolException>(() => LipSolClient.Connect(folder)).Message);
        File.WriteAllText(Path.Combine(folder, NodeFile.FileName), "{\"url\":");
        Assert.Contains("can't be read", Assert.Throws<LipSolException>(() => LipSolClient.Connect(folder)).Message);
    }

    private void WriteNode(int port = 5123)
    {
        var token = Path.Combine(folder, "token");
        File.WriteAllText(token, "0123456789abcdef\n");
        File.WriteAllText(Path.Combine(folder, NodeFile.FileName),
            JsonSerializer.Serialize(new NodeFile($"http://127.0.0.1:{port}", token, 1, "lab", "0.1.0", DateTimeOffset.UnixEpoch), LipSolJson.Options));
    }
}
