using System.Net;
using System.Net.Sockets;
using LipSol.Cli.Tests.Programs;
using LipSol.Client;

namespace LipSol.Cli.Tests.Nodes;

public sealed class UpTests(Workshop workshop) : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);
    private readonly TemporaryFolder scratch = new();

    public void Dispose() => scratch.Dispose();

    [Theory]
    [InlineData("Ctrl-C")]
    [InlineData("SIGTERM")]
    public async Task A_node_says_where_its_page_is_and_stops_cleanly_when_asked(string how)
    {
        await using var up = LipSolProgram.Start(scratch["data"], "up", "--port", "0");
        await up.WaitForOutputAsync(text => text.Contains("stop   Ctrl-C", StringComparison.Ordinal));
        using (var client = await LipSolClient.ConnectAsync(scratch["data"], TestContext.Current.CancellationToken)) Assert.NotEmpty((await client.GetNodeAsync(TestContext.Current.CancellationToken)).Name);
        if (how == "Ctrl-C") up.CtrlC();
        else up.Signal("TERM");
        var answer = (await up.Ended).With(0);
        Assert.Matches(@"http://127\.0\.0\.1:\d+/\?token=[0-9a-f]+", answer.Output);
        Assert.True(await up.NothingIsLeftAsync(Soon), "a process outlived the node");
        Assert.Null(NodeFile.Read(scratch["data"]));
    }

    [Fact]
    public async Task A_command_line_that_is_killed_takes_its_node_with_it_and_the_folder_is_free_again()
    {
        await using (var up = LipSolProgram.Start(scratch["data"], "up", "--port", "0", "--json"))
        {
            await up.WaitForOutputAsync(text => text.Contains("processId", StringComparison.Ordinal));
            up.Signal("KILL");
            Assert.True(await up.NothingIsLeftAsync(Soon), "the node outlived its command line");
        }
        (await LipSolProgram.RunAsync(scratch["data"], "runs", "list", "--json")).With(0);
    }

    [Fact]
    public async Task A_port_in_use_is_bad_input_and_says_what_to_do()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        Assert.Contains($"Port {port} is in use", (await LipSolProgram.RunAsync(scratch["data"], "up", "--port", port)).With(2).Errors);
        var answer = (await LipSolProgram.RunAsync(scratch["data"], "up", "--port", port, "--json")).With(2);
        Assert.StartsWith($"Port {port} is in use", answer.Document.GetProperty("error").GetString());
        (await LipSolProgram.RunAsync(scratch["data"], "up", "--port", "70000", "--json")).With(2);
    }

    [Fact]
    public async Task A_folder_that_another_node_uses_is_refused_and_the_other_named_and_left_alone()
    {
        var made = await workshop.ReadyAsync();
        var answer = (await LipSolProgram.RunAsync(made.DataFolder, "up", "--port", "0", "--json")).With(2);
        var error = answer.Document.GetProperty("error").GetString();
        Assert.Contains("Another node runs on the data folder", error);
        Assert.Contains(made.Node.Url, error);
        using var client = await LipSolClient.ConnectAsync(made.DataFolder, TestContext.Current.CancellationToken);
        Assert.Equal(made.Up.GetProperty("processId").GetInt32(), made.Node.ProcessId);
    }

    [Fact]
    public async Task A_wrong_token_is_refused_in_words_whether_it_comes_from_the_environment_or_from_a_file()
    {
        var made = await workshop.ReadyAsync();
        await using var named = LipSolProgram.StartWith(new() { ["LIPSOL_URL"] = made.Node.Url, ["LIPSOL_TOKEN"] = "0123456789abcdef0123" }, scratch["data"], "runs", "list", "--json");
        Assert.Contains("token", (await named.Ended).With(2).Document.GetProperty("error").GetString());

        Directory.CreateDirectory(scratch["other"]);
        scratch.Write("other/token", "0123456789abcdef0123"u8);
        var file = made.Node with { TokenFile = scratch["other/token"] };
        await File.WriteAllTextAsync(scratch["other/node.json"], System.Text.Json.JsonSerializer.Serialize(file, new System.Text.Json.JsonSerializerOptions(System.Text.Json.JsonSerializerDefaults.Web)), TestContext.Current.CancellationToken);
        Assert.Contains("token", (await LipSolProgram.RunAsync(scratch["other"], "runs", "list", "--json")).With(2).Document.GetProperty("error").GetString());
    }

    [Fact]
    public async Task A_node_that_does_not_answer_is_a_failure_and_a_file_that_a_killed_one_left_is_no_obstacle()
    {
        using var nobody = new TcpListener(IPAddress.Loopback, 0);
        nobody.Start();
        var url = $"http://127.0.0.1:{((IPEndPoint)nobody.LocalEndpoint).Port}";
        nobody.Stop();
        await using var named = LipSolProgram.StartWith(new() { ["LIPSOL_URL"] = url, ["LIPSOL_TOKEN"] = "0123456789abcdef0123" }, scratch["data"], "runs", "list", "--json");
        Assert.Contains(url, (await named.Ended).With(1).Document.GetProperty("error").GetString());
        await using var odd = LipSolProgram.StartWith(new() { ["LIPSOL_URL"] = "nonsense" }, scratch["data"], "runs", "list");
        Assert.Contains("LIPSOL_URL", (await odd.Ended).With(1).Errors);

        Directory.CreateDirectory(scratch["left"]);
        scratch.Write("left/token", "0123456789abcdef0123\n"u8);
        await File.WriteAllTextAsync(scratch["left/node.json"], $$"""{"url":"{{url}}","tokenFile":"{{scratch["left/token"]}}","processId":2147483000,"name":"gone","version":"1","startedAt":"2026-01-01T00:00:00Z"}""", TestContext.Current.CancellationToken);
        Assert.Empty((await LipSolProgram.RunAsync(scratch["left"], "runs", "list", "--json")).With(0).Document.EnumerateArray());
    }
}
