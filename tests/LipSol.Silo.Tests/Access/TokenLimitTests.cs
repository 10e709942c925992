using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using LipSol.Client;
using LipSol.Clips;
using LipSol.Inference.Tests.Networks;
using LipSol.Silo.Access;
using LipSol.Silo.Http;
using LipSol.Silo.Streaming;
using LipSol.Silo.Tests.Nodes;
using LipSol.Silo.Transcriptions;
using LipSol.Testing.Cluster.Processes;

namespace LipSol.Silo.Tests.Access;

/// <summary>Limits on what one token may ask for.</summary>
public sealed class TokenLimitTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_token_that_asks_too_often_is_told_when_to_come_back_and_the_others_are_not_concerned()
    {
        await using var node = await TestNode.StartAsync(o => o with { TokenLimits = new TokenLimits { RequestsPerSecond = 0.02 } });
        var (first, second) = (await TokenAsync(node, "first"), await TokenAsync(node, "second"));
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(node, first)).StatusCode);
        using var refused = await GetAsync(node, first);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 50);
        Assert.Contains("too-fast", await refused.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(node, second)).StatusCode);
        for (var i = 0; i < 20; i++) Assert.Equal(HttpStatusCode.OK, (await GetAsync(node, node.Token)).StatusCode);
        // Who only wants to see whether the node lives isn't counted.
        for (var i = 0; i < 20; i++) Assert.Equal(HttpStatusCode.OK, (await node.Http.GetAsync("/health/live")).StatusCode);
    }

    [Theory]
    [InlineData(0.2), InlineData(1), InlineData(7.5), InlineData(14), InlineData(15), InlineData(25), InlineData(200)]
    public void As_many_requests_a_second_are_taken_as_is_said(double rate)
    {
        var bucket = new TokenLimits { RequestsPerSecond = rate }.Bucket();
        Assert.Equal(rate, bucket.TokensPerPeriod / bucket.ReplenishmentPeriod.TotalSeconds, rate / 100);
    }

    [Fact]
    public async Task A_token_has_as_many_uploads_at_once_as_it_may_and_the_next_once_one_is_done()
    {
        await using var node = await TestNode.StartAsync(o => o with { TokenLimits = new TokenLimits { Uploads = 2 } });
        await Telemetry.PrivacyTests.ServeAsync(node);
        var (first, second) = (await TokenAsync(node, "first"), await TokenAsync(node, "second"));
        var mouth = BrightnessModel.Clip(250);
        var (cropping, go) = (new SemaphoreSlim(0), new TaskCompletionSource());
        node.Cropper.Crop = async (_, _) =>
        {
            cropping.Release();
            await go.Task;
            return new CroppedClip(MouthClipFile.ToBytes(mouth), mouth.Length, mouth.Length, 25);
        };
        Task<HttpStatusCode>[] under = [UploadAsync(node, first), UploadAsync(node, first), UploadAsync(node, second)];
        for (var i = 0; i < under.Length; i++) await cropping.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.TooManyRequests, await UploadAsync(node, first));
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(node, first)).StatusCode);
        go.SetResult();
        Assert.All(await Task.WhenAll(under), status => Assert.Equal(HttpStatusCode.OK, status));
        // An upload is over once its answer is sent, which may be a moment after it arrives.
        await Eventually.FindAsync("room for another upload", Patience, async () => await UploadAsync(node, first) == HttpStatusCode.OK ? "" : null);
    }

    [Fact]
    public async Task A_token_has_as_many_streams_at_once_as_uploads_and_the_next_once_one_ends()
    {
        await using var node = await TestNode.StartAsync(o => o with { TokenLimits = new TokenLimits { Uploads = 1 } });
        var (first, second) = (await TokenAsync(node, "first"), await TokenAsync(node, "second"));
        using var open = await StreamAsync(node, first);
        using var refused = new ClientWebSocket { Options = { CollectHttpResponseDetails = true } };
        await Assert.ThrowsAsync<WebSocketException>(() => StreamAsync(node, first, refused));
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.HttpStatusCode);
        using (await StreamAsync(node, second))
        using (await StreamAsync(node, node.Token))
        using (await StreamAsync(node, node.Token))
        {
        }

        open.Abort();
        using var next = await Eventually.FindAsync("room for another stream", Patience, async () =>
        {
            try
            {
                return await StreamAsync(node, first);
            }
            catch (WebSocketException)
            {
                return null;
            }
        });
        Assert.NotNull(next);
    }

    [Theory]
    [InlineData(16, 16, 8)]
    [InlineData(16, 3, 3)]
    [InlineData(1, 16, 1)]
    [InlineData(16, 0, 16)]
    public void One_token_cannot_hold_all_of_a_nodes_streams_but_where_it_is_not_limited(int sessions, int uploads, int most)
    {
        var places = new StreamPlaces(new StreamLimits { Sessions = sessions }, new TokenLimits { Uploads = uploads });
        var taken = Enumerable.Range(0, most).Select(_ => places.Take("one")).ToList();
        Assert.Equal(429, Assert.Throws<ApiException>(() => places.Take("one")).Status);
        if (most < sessions) places.Take("another").Dispose();
        for (var i = most; i < sessions; i++) taken.Add(places.Take(Caller.NodeToken));
        Assert.Contains("as many as it holds", Assert.Throws<ApiException>(() => places.Take(Caller.NodeToken)).Message);
        taken.ForEach(place => place.Dispose());
        places.Take("one").Dispose();
    }

    [Fact]
    public async Task A_token_has_as_many_clips_under_way_for_later_as_it_may_and_leaves_the_others_room()
    {
        await using var node = await TestNode.StartAsync(o => o with { TokenLimits = new TokenLimits { Jobs = 2 }, Uploads = o.Uploads with { Jobs = 4 } });
        await Telemetry.PrivacyTests.ServeAsync(node);
        var (first, second) = (await TokenAsync(node, "first"), await TokenAsync(node, "second"));
        node.Cropper.Crop = async (_, cancelled) =>
        {
            await Task.Delay(Timeout.Infinite, cancelled);
            throw new InvalidOperationException();
        };
        var under = await LaterAsync(node, first);
        Assert.Equal(HttpStatusCode.Accepted, (await LaterAsync(node, first)).StatusCode);
        using var refused = await LaterAsync(node, first);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Contains("2 clips of this token", await refused.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.Accepted, (await LaterAsync(node, second)).StatusCode);
        // One that has ended makes room for another.
        await node.Client.Transcriptions.CancelAsync(under.Headers.Location!.ToString().Split('/')[^1]);
        await Eventually.FindAsync("room for another clip", Patience, async () => (await LaterAsync(node, first)).StatusCode == HttpStatusCode.Accepted ? "" : null);
        // The node's own token has no limit but the node's.
        Assert.Equal(HttpStatusCode.Accepted, (await LaterAsync(node, node.Token)).StatusCode);
        using var full = await LaterAsync(node, node.Token);
        Assert.Contains("the node takes 4", await full.Content.ReadAsStringAsync());
    }

    private static async Task<string> TokenAsync(TestNode node, string name) => (await node.Client.Tokens.CreateAsync(new CreateToken { Name = name, Role = TokenRole.Read })).Token;

    private static Task<HttpResponseMessage> GetAsync(TestNode node, string token) => SendAsync(node, token, new HttpRequestMessage(HttpMethod.Get, "/api/v1/tokens/own"));

    private static Task<HttpResponseMessage> LaterAsync(TestNode node, string token) =>
        SendAsync(node, token, new HttpRequestMessage(HttpMethod.Post, "/api/v1/transcriptions?async=true") { Content = new MultipartFormDataContent { { new ByteArrayContent([1]), "clip", "clip.mp4" } } });

    private static async Task<HttpStatusCode> UploadAsync(TestNode node, string token)
    {
        using var answer = await SendAsync(node, token, new HttpRequestMessage(HttpMethod.Post, "/api/v1/transcriptions") { Content = new MultipartFormDataContent { { new ByteArrayContent([1]), "clip", "clip.mp4" } } });
        return answer.StatusCode;
    }

    private static async Task<HttpResponseMessage> SendAsync(TestNode node, string token, HttpRequestMessage request)
    {
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await node.Http.SendAsync(request);
    }

    private static async Task<ClientWebSocket> StreamAsync(TestNode node, string token, ClientWebSocket? socket = null)
    {
        socket ??= new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", "Bearer " + token);
        await socket.ConnectAsync(new Uri(node.Url.Replace("http://", "ws://", StringComparison.Ordinal) + "/api/v1/stream"), TestContext.Current.CancellationToken);
        return socket;
    }
}
