using System.Net;
using LipSol.Client;
using LipSol.Silo.Tests.Nodes;

namespace LipSol.Silo.Tests.Access;

public sealed class TokenTests(NodeFixture fixture)
{
    private readonly TestNode node = fixture.Node;

    [Theory]
    [InlineData("/")]
    [InlineData("/app.js")]
    [InlineData("/docs")]
    [InlineData("/docs/scalar.js")]
    [InlineData("/docs/scalar.aspnetcore.js")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/api/v1/node")]
    [InlineData("/api/v1/artifacts/00000000000000000000000000000000")]
    [InlineData("/nothing")]
    [InlineData("/healthy")]
    public async Task Without_the_token_nothing_but_health_answers(string path)
    {
        var answer = await node.Http.GetAsync(path);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Contains("token", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Health_needs_no_token()
    {
        Assert.Equal("live\n", await node.Http.GetStringAsync("/health/live"));
        Assert.Equal("ready\n", await node.Http.GetStringAsync("/health/ready"));
    }

    [Fact]
    public async Task A_wrong_token_is_told_with_what_to_do()
    {
        using var client = new LipSolClient(new Uri(node.Url), new string('0', 48));
        var refusal = await Assert.ThrowsAsync<LipSolUnauthorizedException>(() => client.GetNodeAsync());
        Assert.Contains("Open the link", refusal.Message);
    }

    [Theory]
    [InlineData("Basic {0}")]
    [InlineData("Bearer")]
    [InlineData("Bearer {0}x")]
    [InlineData("{0}")]
    public async Task Only_the_whole_token_as_bearer_is_taken(string header)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/node");
        request.Headers.TryAddWithoutValidation("Authorization", string.Format(header, node.Token));
        Assert.Equal(HttpStatusCode.Unauthorized, (await node.Http.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task The_link_sets_a_cookie_that_scripts_cannot_read_and_hides_the_token()
    {
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(node.Url) };
        var first = await browser.GetAsync($"/?token={node.Token}&x=1");
        Assert.Equal(HttpStatusCode.Redirect, first.StatusCode);
        Assert.Equal("/?x=1", first.Headers.Location!.ToString());
        var cookie = first.Headers.GetValues("Set-Cookie").Single();
        Assert.Contains("httponly", cookie);
        Assert.Contains("samesite=strict", cookie);

        using var second = new HttpRequestMessage(HttpMethod.Get, "/");
        second.Headers.Add("Cookie", cookie.Split(';')[0]);
        Assert.Equal(HttpStatusCode.OK, (await browser.SendAsync(second)).StatusCode);
    }

    [Theory]
    // A page elsewhere on this machine, to which the browser sends the cookie along.
    [InlineData("POST", "http://127.0.0.1:8888", null, HttpStatusCode.Forbidden)]
    [InlineData("POST", "null", null, HttpStatusCode.Forbidden)]
    [InlineData("POST", "the node", null, HttpStatusCode.NotFound)]
    [InlineData("POST", null, null, HttpStatusCode.NotFound)]
    // Behind a proxy the host is another than the page's.
    [InlineData("POST", "https://lipsol.example.org", "same-origin", HttpStatusCode.NotFound)]
    [InlineData("POST", "https://lipsol.example.org", "same-site", HttpStatusCode.Forbidden)]
    [InlineData("GET", "http://127.0.0.1:8888", null, HttpStatusCode.NotFound)]
    public async Task The_cookie_serves_the_nodes_own_pages_alone(string method, string? origin, string? site, HttpStatusCode status)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), method == "GET" ? "/api/v1/models/none" : "/api/v1/models/none/rollback");
        request.Headers.Add("Cookie", $"lipsol-{new Uri(node.Url).Port}={node.Token}");
        if (origin is not null) request.Headers.Add("Origin", origin == "the node" ? node.Url : origin);
        if (site is not null) request.Headers.Add("Sec-Fetch-Site", site);
        if (method == "POST") request.Content = new StringContent("{}", System.Text.Encoding.UTF8, "application/json");
        Assert.Equal(status, (await node.Http.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task A_page_elsewhere_opens_no_stream_by_the_cookie()
    {
        using var socket = new System.Net.WebSockets.ClientWebSocket();
        socket.Options.SetRequestHeader("Cookie", $"lipsol-{new Uri(node.Url).Port}={node.Token}");
        socket.Options.SetRequestHeader("Origin", "http://127.0.0.1:8888");
        socket.Options.CollectHttpResponseDetails = true;
        await Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(() => socket.ConnectAsync(new Uri(node.Url.Replace("http://", "ws://", StringComparison.Ordinal) + "/api/v1/stream"), TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.Forbidden, socket.HttpStatusCode);
    }

    [Fact]
    public async Task The_token_is_the_owners_alone()
    {
        var file = Path.Combine(node.DataFolder, "token");
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal(node.Token, (await File.ReadAllTextAsync(file)).Trim());
    }

    [Fact]
    public async Task The_client_finds_the_node_by_its_data_folder()
    {
        using var client = await LipSolClient.ConnectAsync(node.DataFolder);
        Assert.Equal("test", (await client.GetNodeAsync()).Name);
    }

    [Fact]
    public async Task A_query_token_that_is_wrong_is_refused_even_beside_a_right_cookie()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/?token=wrong");
        request.Headers.Add("Cookie", $"lipsol-{new Uri(node.Url).Port}={node.Token}");
        Assert.Equal(HttpStatusCode.Unauthorized, (await node.Http.SendAsync(request)).StatusCode);
    }
}
