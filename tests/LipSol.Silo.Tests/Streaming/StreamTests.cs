using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using LipSol.Client;
using LipSol.Cluster.Tests.Uploads;
using LipSol.Silo.Streaming;
using LipSol.Silo.Tests.Nodes;

namespace LipSol.Silo.Tests.Streaming;

public sealed class StreamTests(StreamFixture fixture) : IClassFixture<StreamFixture>
{
    private static readonly StreamOptions Letters = new() { Model = "letters", Input = StreamInput.Crops, Decoder = "greedy" };
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Words_come_while_they_are_said_stay_once_they_are_final_and_end_with_what_stands_behind_them()
    {
        var crops = StreamFixture.Crops("ہم کب کب ہم", blanks: 10).ToList();
        var (second, last) = (StreamFixture.Crops("ہم ").Count(), StreamFixture.Crops("ہم کب کب ").Count());
        List<StreamMessage> messages = [];
        TaskCompletionSource shown = new(), settled = new();
        await foreach (var message in fixture.Node.Client.Streams.ReadAsync(FramesAsync(), Letters, TestContext.Current.CancellationToken))
        {
            messages.Add(message);
            if (message is StreamPartial partial && partial.Text.StartsWith("ہم", StringComparison.Ordinal)) shown.TrySetResult();
            if (message is StreamFinal) settled.TrySetResult();
        }

        var ready = Assert.IsType<StreamReady>(messages[0]);
        Assert.Equal(("letters", 1, fixture.LettersRun, fixture.DataHash, "characters", 96, 25.0, 0), (ready.Model, ready.Version, ready.RunId, ready.DataHash, ready.Task, ready.CropSize, ready.CropsPerSecond, ready.LagFrames));
        var done = Assert.IsType<StreamDone>(messages[^1]);
        var finals = messages.OfType<StreamFinal>().ToList();
        Assert.Equal("ہم کب کب ہم", done.Text);
        Assert.Equal(done.Text, string.Join(' ', finals.Select(f => f.Text)));
        // Words were there before their sentence was over, and before they were final.
        Assert.True(finals.Count > 1);
        Assert.True(finals[0].Time < 1.6, $"the first final came at {finals[0].Time}");
        Assert.Contains(messages.TakeWhile(m => m != finals[0]).OfType<StreamPartial>(), p => p.Text.StartsWith("ہم", StringComparison.Ordinal));
        var words = finals.SelectMany(f => f.Words).ToList();
        Assert.Equal(words.OrderBy(w => w.Start), words);
        Assert.All(words, w => Assert.True(w.Start < w.End && w.Confidence is > 0 and <= 1));
        Assert.InRange(words[3].Start, 1.3, 1.7);
        Assert.Equal(("letters", 1, fixture.LettersRun, fixture.DataHash, "cpu", "test", 56, 1.0), (done.Provenance.Model, done.Provenance.Version, done.Provenance.RunId, done.Provenance.DataHash, done.Provenance.Device, done.Provenance.Node, done.Provenance.Frames, done.Provenance.FramesTracked));
        Assert.Equal(("greedy", 56L, 0L), (done.Decoder, done.FramesReceived, done.FramesDropped));
        Assert.Equal("greedy", done.Provenance.Decoder);
        Assert.Contains("temperature", done.Provenance.DecodingSettings.Keys);
        Assert.Equal(["network", "read"], done.Provenance.Milliseconds.Keys.Order());

        // However long a reading takes: the second word is said once the first is shown, and the last one once the first is final.
        async IAsyncEnumerable<ReadOnlyMemory<byte>> FramesAsync()
        {
            for (var t = 0; t < crops.Count; t++)
            {
                if (t == second) await shown.Task.WaitAsync(Patience);
                if (t == last) await settled.Task.WaitAsync(Patience);
                await Task.Delay(TimeSpan.FromMilliseconds(40));
                yield return crops[t];
            }
        }
    }

    [Fact]
    public async Task Frames_are_cropped_in_a_process_of_its_own_and_a_face_that_goes_is_told()
    {
        using var folder = new TemporaryFolder();
        var pictures = JpegFrames.Of(Videos.Talking(Path.Combine(folder.Path, "talking.avi"), 30)).Concat(JpegFrames.Of(Videos.WithoutFace(Path.Combine(folder.Path, "wall.avi"), 25))).Concat(JpegFrames.Of(Videos.Talking(Path.Combine(folder.Path, "again.avi"), 20))).ToList();
        // As many as may be under way at once: none is dropped, however slow the first one is.
        List<byte[]> few = [.. pictures[..4], [0xFF, 0xD8, 0xFF, 1, 2, 3], .. pictures[4..7]];
        var messages = await ReadAsync(fixture.Node, few, new StreamOptions { Model = "words" }, TimeSpan.FromMilliseconds(40));

        Assert.Equal(("word", 2), (((StreamReady)messages[0]).Task, ((StreamReady)messages[0]).LagFrames));
        var done = Assert.IsType<StreamDone>(messages[^1]);
        Assert.Equal((8L, 0L, 1L, 8), (done.FramesReceived, done.FramesDropped, done.FramesRefused, done.Provenance.Frames));
        Assert.Equal(["picture-refused"], Notices());
        Assert.Contains("crop", done.Provenance.Milliseconds.Keys);

        // The process that cropped it crops the next one too, and knows nothing of the one before.
        messages = await ReadAsync(fixture.Node, pictures, new StreamOptions { Model = "words" }, TimeSpan.FromMilliseconds(40));
        done = Assert.IsType<StreamDone>(messages[^1]);
        Assert.Equal((75L, 0L), (done.FramesReceived, done.FramesRefused));
        Assert.Equal(done.FramesDropped > 0, Notices().Contains("frames-dropped"));
        if (done.FramesDropped > 0) return; // a machine too busy to crop at a camera's pace
        Assert.Equal(["face-lost", "face-found"], Notices());
        Assert.Equal(75, done.Provenance.Frames);
        Assert.InRange(done.Provenance.FramesTracked, 0.55, 0.75);

        List<string> Notices() => [.. messages.OfType<StreamNotice>().Select(n => n.Reason).Distinct()];
    }

    [Fact]
    public async Task A_model_of_other_landmarks_cannot_read_pictures_and_says_so()
    {
        var error = await Assert.ThrowsAsync<LipSolException>(() => ReadAsync(fixture.Node, [[1]], new StreamOptions { Model = "letters" }));
        Assert.Equal("no-cropper", error.Reason);
        Assert.Contains("landmark models", error.Message);
    }

    [Theory]
    [InlineData("none", null, "not-found", "There is no model none")]
    [InlineData(null, null, "bad-request", "Several models are in production")]
    [InlineData("letters", "best", "bad-request", "decoder is \"best\"")]
    [InlineData("words", "greedy", "bad-request", "leave the decoder out")]
    public async Task A_stream_that_names_what_is_not_there_ends_with_what_there_is(string? model, string? decoder, string reason, string words)
    {
        var error = await Assert.ThrowsAsync<LipSolException>(() => ReadAsync(fixture.Node, [], Letters with { Model = model, Decoder = decoder }));
        Assert.Equal(reason, error.Reason);
        Assert.Contains(words, error.Message);
    }

    [Theory]
    [InlineData(30, false, 9216, "bad-request", "come at the model's own rate")]
    [InlineData(25, false, 100, "bad-request", "96×96 = 9216")]
    [InlineData(25, false, 300_000, "too-large", "195 kB")]
    [InlineData(25, true, 7, "bad-request", "8 bytes")]
    [InlineData(1000, false, 9216, "bad-request", "Give 1 to 240")]
    public async Task Messages_that_make_no_sense_end_the_stream_with_the_reason(double framesPerSecond, bool timestamps, int bytes, string reason, string words)
    {
        using var socket = await ConnectAsync(fixture.Node);
        await SayAsync(socket, JsonSerializer.Serialize(Letters with { FramesPerSecond = framesPerSecond, Timestamps = timestamps }, LipSolJson.Options));
        await socket.SendAsync(new byte[bytes], WebSocketMessageType.Binary, true, TestContext.Current.CancellationToken);
        var error = await ErrorAsync(socket);
        Assert.Equal(reason, error.Reason);
        Assert.Contains(words, error.Detail);
        Assert.Equal(reason == "too-large" ? WebSocketCloseStatus.MessageTooBig : WebSocketCloseStatus.PolicyViolation, socket.CloseStatus);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("{\"input\":\"sounds\"}")]
    public async Task A_stream_that_does_not_say_what_it_is_is_ended(string first)
    {
        using var socket = await ConnectAsync(fixture.Node);
        await SayAsync(socket, first);
        Assert.Equal("bad-request", (await ErrorAsync(socket)).Reason);
    }

    [Fact]
    public async Task A_stream_that_says_nothing_or_nothing_more_or_half_a_message_is_ended()
    {
        // A node of its own: whoever speaks in time, on however busy a machine, is never ended by another's test.
        var (node, _, _) = await StreamFixture.ServingAsync(new StreamLimits { Greeting = TimeSpan.FromSeconds(8), Idle = TimeSpan.FromSeconds(1) });
        await using var disposed = node;
        using var mute = await ConnectAsync(node);
        Assert.Equal("no-greeting", (await ErrorAsync(mute)).Reason);
        using var silent = await GreetedAsync();
        Assert.Equal("idle", (await ErrorAsync(silent)).Reason);
        using var slow = await GreetedAsync();
        await slow.SendAsync(new byte[100], WebSocketMessageType.Binary, endOfMessage: false, TestContext.Current.CancellationToken);
        Assert.Equal("idle", (await ErrorAsync(slow)).Reason);

        async Task<ClientWebSocket> GreetedAsync()
        {
            var socket = await ConnectAsync(node);
            await SayAsync(socket, JsonSerializer.Serialize(Letters, LipSolJson.Options));
            return socket;
        }
    }

    [Fact]
    public async Task Times_of_the_callers_own_come_back_with_the_words()
    {
        var said = StreamFixture.Crops("ہم", blanks: 20).Select((crop, t) => new TimedFrame(1000 + t / 25.0, crop)).ToAsyncEnumerable();
        var messages = await fixture.Node.Client.Streams.ReadAsync(said, Letters, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
        var word = Assert.Single(messages.OfType<StreamFinal>().SelectMany(f => f.Words));
        Assert.InRange(word.Start, 1000, 1000.3);
    }

    [Fact]
    public async Task Crops_at_a_rate_below_the_models_are_read_and_a_longer_hole_is_told()
    {
        // Twenty a second, of a speaker slow enough for that; then two seconds of nothing.
        var crops = StreamFixture.Crops("ہم", blanks: 20).SelectMany(crop => new[] { crop, crop }).Select((crop, t) => new TimedFrame(t / 20.0, crop)).ToList();
        List<StreamMessage> messages = [];
        var shown = new TaskCompletionSource();
        await foreach (var message in fixture.Node.Client.Streams.ReadAsync(FramesAsync(), Letters with { Model = "letters" }, TestContext.Current.CancellationToken))
        {
            messages.Add(message);
            if (messages.OfType<StreamFinal>().Any(m => m.Text.Contains('م')) || message is StreamPartial partial && partial.Text.Contains('م')) shown.TrySetResult();
        }

        var done = Assert.IsType<StreamDone>(messages[^1]);
        Assert.Equal("ہم", done.Text);
        Assert.True(done.Provenance.FramesTracked < 1);
        Assert.Contains("at least 9 frames a second", Assert.Single(messages.OfType<StreamNotice>(), n => n.Reason == "crops-missing").Detail);

        async IAsyncEnumerable<TimedFrame> FramesAsync()
        {
            foreach (var crop in crops)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(15));
                yield return crop;
            }

            // A hole lets go of what hasn't been read.
            await shown.Task.WaitAsync(Patience);
            yield return new TimedFrame(crops[^1].Seconds + 2, crops[^1].Picture);
        }
    }

    [Fact]
    public async Task Nobody_streams_without_the_token_or_from_a_page_of_elsewhere_or_without_a_websocket()
    {
        using var stranger = new LipSolClient(new Uri(fixture.Node.Url), "wrong-token-wrong-token");
        await Assert.ThrowsAsync<LipSolUnauthorizedException>(async () => await stranger.Streams.ReadAsync(StreamFixture.Camera([])).ToListAsync());

        using var page = new ClientWebSocket();
        page.Options.CollectHttpResponseDetails = true;
        page.Options.SetRequestHeader("Origin", "http://localhost:1");
        page.Options.SetRequestHeader("Cookie", $"lipsol-{new Uri(fixture.Node.Url).Port}={fixture.Node.Token}");
        await Assert.ThrowsAsync<WebSocketException>(() => page.ConnectAsync(Address(fixture.Node), TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.Forbidden, page.HttpStatusCode);

        using var plain = new HttpRequestMessage(HttpMethod.Get, "api/v1/stream");
        plain.Headers.Authorization = new AuthenticationHeaderValue("Bearer", fixture.Node.Token);
        using var answer = await fixture.Node.Http.SendAsync(plain);
        Assert.Equal(HttpStatusCode.UpgradeRequired, answer.StatusCode);
        Assert.Contains("ws://", (await answer.Content.ReadFromJsonAsync<Problem>())!.Detail);
    }

    [Fact]
    public async Task A_page_of_the_node_itself_streams_by_its_cookie()
    {
        using var page = new ClientWebSocket();
        page.Options.SetRequestHeader("Origin", fixture.Node.Url);
        page.Options.SetRequestHeader("Cookie", $"lipsol-{new Uri(fixture.Node.Url).Port}={fixture.Node.Token}");
        await page.ConnectAsync(Address(fixture.Node), TestContext.Current.CancellationToken);
        await SayAsync(page, JsonSerializer.Serialize(Letters, LipSolJson.Options));
        Assert.IsType<StreamReady>(await ReceiveAsync(page));
    }

    [Fact]
    public async Task More_streams_than_the_node_holds_are_told_to_come_back_and_a_place_is_free_once_one_ends()
    {
        var (node, _, _) = await StreamFixture.ServingAsync(new StreamLimits { Sessions = 1 });
        await using var disposed = node;
        using (var first = await ConnectAsync(node))
        {
            await SayAsync(first, JsonSerializer.Serialize(Letters, LipSolJson.Options));
            Assert.IsType<StreamReady>(await ReceiveAsync(first));
            var refused = await Assert.ThrowsAsync<LipSolOverloadedException>(() => ReadAsync(node, [], Letters));
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.Status);
            await SayAsync(first, "{\"type\":\"end\"}");
            while (await ReceiveAsync(first) is not null)
            {
            }
        }

        Assert.NotNull(await LipSol.Testing.Cluster.Processes.Eventually.FindAsync("the place is free", Patience, async () =>
        {
            try
            {
                return (await ReadAsync(node, [.. StreamFixture.Crops("ہم")], Letters)).OfType<StreamDone>().Single();
            }
            catch (LipSolOverloadedException)
            {
                return null;
            }
        }));
    }

    [Fact]
    public async Task A_stream_as_long_as_one_may_be_ends_as_if_the_caller_had_ended_it()
    {
        var (node, _, _) = await StreamFixture.ServingAsync(new StreamLimits { Session = TimeSpan.FromSeconds(5) });
        await using var disposed = node;
        var messages = await ReadAsync(node, [.. StreamFixture.Crops("ہم", blanks: 500)], Letters);
        Assert.Contains(messages.OfType<StreamNotice>(), n => n.Reason == "session-length");
        Assert.Equal("ہم", Assert.IsType<StreamDone>(messages[^1]).Text);
    }

    [Fact]
    public async Task A_node_that_stops_ends_its_streams_with_a_word()
    {
        var (node, _, _) = await StreamFixture.ServingAsync(new StreamLimits());
        using var socket = await ConnectAsync(node);
        await SayAsync(socket, JsonSerializer.Serialize(Letters, LipSolJson.Options));
        Assert.IsType<StreamReady>(await ReceiveAsync(socket));
        var stopping = node.DisposeAsync();
        Assert.Equal("stopping", (await ErrorAsync(socket)).Reason);
        await stopping;
    }

    [Fact]
    public async Task What_the_frames_source_throws_is_the_callers_to_know()
    {
        static async IAsyncEnumerable<ReadOnlyMemory<byte>> Broken()
        {
            await Task.Yield();
            yield return new byte[96 * 96];
            throw new InvalidTimeZoneException("the camera broke");
        }

        var error = await Assert.ThrowsAsync<InvalidTimeZoneException>(async () => await fixture.Node.Client.Streams.ReadAsync(Broken(), Letters).ToListAsync());
        Assert.Equal("the camera broke", error.Message);
    }

    private static async Task<List<StreamMessage>> ReadAsync(TestNode node, IReadOnlyList<byte[]> frames, StreamOptions options, TimeSpan? pace = null) =>
        await node.Client.Streams.ReadAsync(StreamFixture.Camera(frames, pace), options, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);

    private static Uri Address(TestNode node) => new(node.Url.Replace("http://", "ws://", StringComparison.Ordinal) + "/api/v1/stream");

    private static async Task<ClientWebSocket> ConnectAsync(TestNode node)
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", "Bearer " + node.Token);
        await socket.ConnectAsync(Address(node), TestContext.Current.CancellationToken);
        return socket;
    }

    private static Task SayAsync(ClientWebSocket socket, string text) => socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);

    private static async Task<StreamMessage?> ReceiveAsync(ClientWebSocket socket)
    {
        var buffer = new byte[1 << 16];
        var part = await socket.ReceiveAsync(buffer.AsMemory(), TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience);
        return part.MessageType == WebSocketMessageType.Close ? null : JsonSerializer.Deserialize<StreamMessage>(buffer.AsSpan(0, part.Count), LipSolJson.Options);
    }

    private static async Task<StreamError> ErrorAsync(ClientWebSocket socket)
    {
        StreamError? error = null;
        while (await ReceiveAsync(socket) is { } message) error = message as StreamError ?? error;
        Assert.NotNull(error);
        return error;
    }
}
