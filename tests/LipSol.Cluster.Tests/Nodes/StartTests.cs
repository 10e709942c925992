using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using LipSol.Client;

namespace LipSol.Cluster.Tests.Nodes;

/// <summary>What a node refuses when it starts, and whom it refuses once it's up.</summary>
public sealed class StartTests(ServingNode serving)
{
    [Fact]
    public async Task A_second_node_on_one_data_folder_is_refused_and_the_first_goes_on()
    {
        var first = serving.Node;
        var (status, said) = await NodeProcess.RefuseAsync(first.DataFolder);

        Assert.Equal(2, status);
        Assert.Contains($"Another node runs on the data folder {first.DataFolder} (process {first.ProcessId}, {first.Url.GetLeftPart(UriPartial.Authority)})", said);
        Assert.Single(said.Split('\n'));
        Assert.Single((await first.Client.GetNodeAsync()).Slots);
        Assert.Equal(first.ProcessId, NodeFile.Read(first.DataFolder)!.ProcessId);
    }

    [Fact]
    public async Task A_node_that_stops_while_its_first_worker_starts_leaves_no_process()
    {
        for (var i = 0; i < 3; i++)
        {
            using var folder = new TemporaryFolder();
            await using var node = await NodeProcess.StartAsync(folder.Path);
            var workers = await Eventually.FindAsync("the process that crops uploads", TimeSpan.FromSeconds(30), () => Task.FromResult(LinuxProcess.ChildrenOf(node.ProcessId) is { Count: > 0 } children ? children : null));
            node.Send(Signal.Terminate);
            Assert.Equal(0, await node.WaitForExitAsync(TimeSpan.FromSeconds(30)));
            Assert.All(workers, worker => Assert.False(worker.IsAlive, $"process {worker.Id} outlived its node"));
        }
    }

    [Fact]
    public async Task A_port_in_use_is_said_in_one_line_with_what_to_do()
    {
        using var folder = new TemporaryFolder();
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        var (status, said) = await NodeProcess.RefuseAsync(folder.Path, "--port", $"{port}");

        Assert.Equal((2, $"lipsol: Port {port} is in use. Stop what uses it, or name another with --port (--port 0 takes a free one)."), (status, said));
    }

    [Fact]
    public async Task Without_the_right_token_nothing_is_told_but_where_it_is()
    {
        var node = serving.Node;
        using var http = new HttpClient { BaseAddress = node.Url };
        foreach (var path in new[] { "", "docs", "openapi/v1.json", "api/v1/node", "api/v1/runs", "api/v1/nothing", "app.js" })
            foreach (var header in new[] { null, "Bearer wrong", "Bearer ", $"Bearer {node.Token}x", $"Basic {node.Token}" })
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, path);
                if (header is not null) request.Headers.TryAddWithoutValidation("Authorization", header);
                using var answer = await http.SendAsync(request);
                Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
                var problem = await answer.Content.ReadFromJsonAsync<Problem>(LipSolJson.Options);
                Assert.Equal("unauthorized", problem!.Reason);
                Assert.Contains("LIPSOL_TOKEN", problem.Detail);
                Assert.DoesNotContain(node.Token, await answer.Content.ReadAsStringAsync());
            }
        using var upload = await http.PostAsync("api/v1/transcriptions", new ByteArrayContent(new byte[1 << 16]));
        Assert.Equal(HttpStatusCode.Unauthorized, upload.StatusCode);
        Assert.Equal("live\n", await http.GetStringAsync("health/live"));
        Assert.Equal("ready\n", await http.GetStringAsync("health/ready"));
    }

    [Fact]
    public async Task A_node_listens_on_loopback_alone_and_shows_a_link_that_opens_the_page()
    {
        var node = serving.Node;
        Assert.Equal("127.0.0.1", node.Url.Host);
        // Every port that the process listens on: HTTP, silo, gateway.
        var listening = Listeners.Of(node.ProcessId);
        Assert.Contains(listening, l => l.Port == node.Url.Port);
        Assert.All(listening, l => Assert.True(IPAddress.IsLoopback(l.Address), $"{l} is open to other machines"));

        using var browser = new HttpClient(new HttpClientHandler { UseCookies = true });
        using var page = await browser.GetAsync(new Uri(node.Url, $"?token={node.Token}"));
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Equal("text/html", page.Content.Headers.ContentType!.MediaType);
        Assert.DoesNotContain("token", page.RequestMessage!.RequestUri!.Query);
    }
}
