using System.Net;
using Microsoft.AspNetCore.Http;

namespace LipSol.Client.Tests.Http;

public sealed class ErrorTests
{
    [Theory]
    [InlineData(400, typeof(LipSolRefusedException))]
    [InlineData(401, typeof(LipSolUnauthorizedException))]
    [InlineData(404, typeof(LipSolNotFoundException))]
    [InlineData(409, typeof(LipSolRefusedException))]
    [InlineData(413, typeof(LipSolRefusedException))]
    [InlineData(415, typeof(LipSolRefusedException))]
    [InlineData(422, typeof(LipSolRefusedException))]
    [InlineData(429, typeof(LipSolOverloadedException))]
    [InlineData(503, typeof(LipSolOverloadedException))]
    [InlineData(500, typeof(LipSolException))]
    [InlineData(507, typeof(LipSolException))]
    public async Task A_refusal_becomes_the_exception_that_fits_with_the_nodes_own_words(int status, Type expected)
    {
        await using var server = await CannedServer.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.RetryAfter = "7";
            return context.Response.WriteAsync($$"""{"type":"about:blank","title":"T","status":{{status}},"detail":"Do this instead.","reason":"because"}""");
        });
        using var client = new LipSolClient(server.Url, "t");
        var refusal = (LipSolException)await Assert.ThrowsAsync(expected, () => client.GetNodeAsync());
        // The content type is missing above: words count, not labels.
        Assert.Equal((HttpStatusCode)status, refusal.Status);
        if (refusal is LipSolOverloadedException busy) Assert.Equal(TimeSpan.FromSeconds(7), busy.RetryAfter);
    }

    [Fact]
    public async Task The_detail_and_the_reason_are_the_nodes()
    {
        await using var server = await CannedServer.StartAsync(context =>
        {
            context.Response.StatusCode = 422;
            return context.Response.WriteAsJsonAsync(new Problem("about:blank", "T", 422, "Show the whole face.", "no-face"), LipSolJson.Options, "application/problem+json");
        });
        using var client = new LipSolClient(server.Url, "t");
        var refusal = await Assert.ThrowsAsync<LipSolRefusedException>(() => client.Transcriptions.TranscribeAsync(new MemoryStream([1]), "x.mp4"));
        Assert.Equal(("Show the whole face.", "no-face"), (refusal.Message, refusal.Reason));
    }

    [Fact]
    public async Task A_page_of_a_proxy_is_no_answer_of_a_node_and_is_said_so()
    {
        await using var server = await CannedServer.StartAsync(context => context.Response.WriteAsync("<html>Log in to the guest network</html>"));
        using var client = new LipSolClient(server.Url, "t");
        Assert.Contains("Is it a LipSol node", (await Assert.ThrowsAsync<LipSolException>(() => client.GetNodeAsync())).Message);
    }

    [Fact]
    public async Task An_answer_that_breaks_off_is_unreachable_not_garbage()
    {
        await using var server = await CannedServer.StartAsync(async context =>
        {
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync("{\"name\":");
            await context.Response.Body.FlushAsync();
            context.Abort();
        });
        using var client = new LipSolClient(server.Url, "t");
        await Assert.ThrowsAsync<LipSolUnreachableException>(() => client.GetNodeAsync());
    }

    [Fact]
    public async Task Cancelling_cancels()
    {
        await using var server = await CannedServer.StartAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        using var client = new LipSolClient(server.Url, "t");
        using var soon = new CancellationTokenSource(50);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.GetNodeAsync(soon.Token));
    }

    [Fact]
    public async Task Names_of_any_script_reach_the_node_whole()
    {
        var seen = new List<string>();
        await using var server = await CannedServer.StartAsync(context =>
        {
            seen.Add($"{context.Request.Path.Value}|{context.Request.Query["clip"]}|{context.Request.Headers.Authorization}");
            return context.Response.WriteAsync("x");
        });
        using var client = new LipSolClient(server.Url, "t");
        await client.Corpora.GetStripAsync("کلام", "رضا/کلپ ۱&?#%");
        await client.Artifacts.GetAsync("abc.dir", "a b/ن?.json");
        Assert.Equal(["/api/v1/corpora/کلام/strip.png|رضا/کلپ ۱&?#%|Bearer t", "/api/v1/artifacts/abc.dir/a b/ن?.json||Bearer t"], seen);
    }

    [Fact]
    public async Task A_node_behind_a_path_is_reached()
    {
        string? path = null;
        await using var server = await CannedServer.StartAsync(context =>
        {
            path = context.Request.Path;
            return context.Response.WriteAsync("[]");
        });
        using var client = new LipSolClient(new Uri(server.Url, "/lab/lipsol"), "t");
        Assert.Empty(await client.Corpora.ListAsync());
        Assert.Equal("/lab/lipsol/api/v1/corpora", path);
    }

    [Theory]
    [InlineData("ftp://x")]
    [InlineData("file:///x")]
    public void An_address_that_is_no_nodes_is_refused(string url) => Assert.Throws<ArgumentException>(() => new LipSolClient(new Uri(url), null));

    [Fact]
    public async Task A_file_that_is_not_there_is_said()
    {
        using var client = new LipSolClient(new Uri("http://127.0.0.1:9"), null);
        Assert.Equal("missing", (await Assert.ThrowsAsync<LipSolException>(() => client.Transcriptions.TranscribeAsync("/nowhere/clip.mp4"))).Reason);
    }
}
