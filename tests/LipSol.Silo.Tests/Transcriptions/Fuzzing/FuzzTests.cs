using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using LipSol.Client;
using LipSol.Cluster.Tests.Uploads;
using LipSol.Silo.Tests.Nodes;
using LipSol.Silo.Workers;
using LipSol.Vision;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LipSol.Silo.Tests.Transcriptions.Fuzzing;

/// <summary>Damaged videos, pictures, mouth clips, forms and live streams through the node and its warm croppers: each is read or refused with a reason, the node holds out, nothing is left.</summary>
public sealed class FuzzTests : IDisposable
{
    private const int Seed = 20261129;
    /// <summary>Beyond what a node gives a clip by itself (<c>UploadLimits.Deadline</c>).</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(4);
    /// <summary>What a damaged clip may be answered: docs/http-api.md tells what each is for. 429 is asked again.</summary>
    private static readonly HashSet<int> Answers = [200, 400, 408, 409, 404, 413, 415, 422];
    private readonly TemporaryFolder folder = new();
    private readonly ConcurrentDictionary<string, int> counted = new();
    private readonly ConcurrentQueue<string> wrong = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public Task Fifty_damaged_requests_are_each_answered_with_a_reason() => FuzzAsync(50);

    /// <summary><c>LIPSOL_FUZZ_CLIPS</c> says how many, where it's set.</summary>
    [Fact, Trait("Category", "Long")]
    public Task Ten_thousand_damaged_requests_are_each_answered_with_a_reason_and_nothing_leaks() =>
        FuzzAsync(Environment.GetEnvironmentVariable("LIPSOL_FUZZ_CLIPS") is { } many ? int.Parse(many, CultureInfo.InvariantCulture) : 10_000);

    private async Task FuzzAsync(int inputs)
    {
        var log = new NodeLog();
        await using var node = await ServingTestNode.StartAsync(o => o with { Uploads = o.Uploads with { Bytes = 16 << 20, ProcessingSeconds = 10 } }, crops: true,
            model: m => m with { Crop = MouthCropper.DefaultSettings }, add: services => services.AddSingleton<ILoggerProvider>(log));
        var good = Videos.Talking(Path.Combine(folder.Path, "good.mp4"));
        Assert.NotEmpty((await node.Client.Transcriptions.TranscribeAsync(good)).Text);
        var originals = new FuzzOriginals(folder.Path);
        var (requests, streams) = (new HostileRequests(originals, Seed), new HostileStreams(originals, originals.Damage, Seed));
        using var http = new HttpClient { BaseAddress = new Uri(node.Url), Timeout = Longest, DefaultRequestHeaders = { Authorization = new("Bearer", node.Token) } };
        var before = Footprint.Of(node.DataFolder);
        var (warm, memory, began) = (before, new List<string>(), Stopwatch.GetTimestamp());
        var most = before.Croppers.ToDictionary();
        for (var part = 0; part < 10; part++)
        {
            await Parallel.ForAsync(part * inputs / 10, (part + 1) * inputs / 10, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = TestContext.Current.CancellationToken }, async (n, cancelled) =>
            {
                // One in ten is a live stream.
                var request = n % 10 == 9 ? null : requests.Make(n);
                var answer = request is null ? await StreamAsync(node, streams.Make(n), n, cancelled) : await AnswerAsync(http, node, request, n, cancelled);
                counted.AddOrUpdate($"{request?.Kind ?? "stream"}: {answer}", 1, (_, count) => count + 1);
            });
            var now = Footprint.Of(node.DataFolder);
            if (part == 0) warm = now;
            foreach (var (id, peak) in now.Croppers) most[id] = peak;
            Say($"{(part + 1) * 10} % after {Stopwatch.GetElapsedTime(began).TotalMinutes:0.0} minutes: {now}; {log.EndedCroppers} croppers ended on a clip");
        }

        Assert.NotEmpty((await node.Client.Transcriptions.TranscribeAsync(good)).Text);
        var after = Footprint.Of(node.DataFolder);
        Say(string.Join("\n", counted.OrderBy(a => a.Key.Split(':')[0]).ThenByDescending(a => a.Value).Select(a => $"{a.Value,6} {a.Key}")));
        Say($"before {before}\nat a tenth {warm}\nat the end {after}\ncroppers held at most {string.Join(", ", most.Values.Select(m => m >> 20))} MB; {log.EndedCroppers} ended on a clip");
        Assert.True(wrong.IsEmpty && log.Errors.IsEmpty, string.Join("\n", wrong.Concat(log.Errors)));
        Assert.Equal(inputs, counted.Values.Sum());
        // The answers are in the database; of the clips there is nothing, wherever the node could have left it.
        Assert.Empty(after.Files.Except(before.Files));
        Assert.All(most.Values, m => Assert.InRange(m, 0, new WorkersOptions { DataFolder = "", ArtifactFolder = "", CodeVersion = "" }.CropperMemory));
        Assert.InRange(after.OpenFiles, 0, warm.OpenFiles + 20);
        if (inputs >= 1000) Assert.True(after.Memory < warm.Memory + (100 << 20), $"memory grew from {warm.Memory >> 20} to {after.Memory >> 20} MB");
    }

    /// <summary>What became of a request: <c>read</c>, or the reason of its refusal.</summary>
    private async Task<string> AnswerAsync(HttpClient http, TestNode node, HostileRequest request, int n, CancellationToken cancelled)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var message = new HttpRequestMessage(HttpMethod.Post, "/api/v1/transcriptions") { Content = new ByteArrayContent(request.Body) };
            message.Content.Headers.TryAddWithoutValidation("Content-Type", request.ContentType);
            try
            {
                using var answer = await http.SendAsync(message, cancelled);
                if (answer.StatusCode == HttpStatusCode.TooManyRequests && attempt < 100)
                {
                    await Task.Delay(500, cancelled);
                    continue;
                }
                var text = await answer.Content.ReadAsStringAsync(cancelled);
                if (text.Contains(node.DataFolder, StringComparison.Ordinal)) wrong.Enqueue($"{request.Kind} {n}: the answer names a folder of the node: {text}");
                if (answer.StatusCode == HttpStatusCode.OK) return "read";
                var problem = await answer.Content.ReadFromJsonAsync<Problem>(LipSolJson.Options, cancelled);
                if (!Answers.Contains((int)answer.StatusCode)) wrong.Enqueue($"{request.Kind} {n}: {(int)answer.StatusCode} {text}");
                if (string.IsNullOrWhiteSpace(problem?.Detail) || string.IsNullOrWhiteSpace(problem.Reason)) wrong.Enqueue($"{request.Kind} {n}: no reason: {text}");
                return $"{(int)answer.StatusCode} {problem?.Reason}{(problem?.Detail?.Contains("decoder ended", StringComparison.Ordinal) == true ? ", the decoder ended" : "")}";
            }
            catch (Exception e) when (!cancelled.IsCancellationRequested && e is HttpRequestException or OperationCanceledException or System.Text.Json.JsonException)
            {
                wrong.Enqueue($"{request.Kind} {n}: no answer: {e.Message}");
                return "no answer";
            }
        }
    }

    /// <summary>How a stream ended: <c>done</c>, or the reason that the node gave.</summary>
    private async Task<string> StreamAsync(TestNode node, HostileStream stream, int n, CancellationToken cancelled)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var socket = new ClientWebSocket { Options = { CollectHttpResponseDetails = true } };
            socket.Options.SetRequestHeader("Authorization", "Bearer " + node.Token);
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancelled);
            deadline.CancelAfter(Longest);
            try
            {
                await socket.ConnectAsync(new Uri(node.Url.Replace("http://", "ws://", StringComparison.Ordinal) + "/api/v1/stream"), deadline.Token);
                var telling = TellAsync(socket, stream, deadline.Token);
                var (end, busy) = ("no word", false);
                // Text that isn't UTF-8 fails the connection, which says so in its own way (RFC 6455, 8.1).
                if (!IsText(stream.Greeting)) end = "not-text";
                while (await ReceiveAsync(socket, deadline.Token) is { } message)
                {
                    if (message is not (StreamDone or StreamError)) continue;
                    busy = message is StreamError { Reason: "overloaded" };
                    end = message is StreamError error ? error.Reason : "done";
                }
                await telling;
                if (busy && attempt < 100)
                {
                    await Task.Delay(500, cancelled);
                    continue;
                }
                if (end is "no word" or "internal" or "unavailable") wrong.Enqueue($"stream {n}: {end}");
                return end;
            }
            catch (Exception e) when (!cancelled.IsCancellationRequested && e is WebSocketException or OperationCanceledException or System.Text.Json.JsonException)
            {
                if (e is WebSocketException && !IsText(stream.Greeting) && socket.HttpStatusCode != HttpStatusCode.TooManyRequests) return "not-text";
                if (socket.HttpStatusCode == HttpStatusCode.TooManyRequests && attempt < 100)
                {
                    await Task.Delay(500, cancelled);
                    continue;
                }
                wrong.Enqueue($"stream {n}: no answer: {e.Message}");
                return "no answer";
            }
        }
    }

    private static bool IsText(byte[] bytes) => System.Text.Unicode.Utf8.IsValid(bytes);

    // A stream that was ended takes no more; why it was is in what it says.
    private static async Task TellAsync(ClientWebSocket socket, HostileStream stream, CancellationToken cancelled)
    {
        try
        {
            await socket.SendAsync(stream.Greeting, WebSocketMessageType.Text, true, cancelled);
            foreach (var frame in stream.Frames) await socket.SendAsync(frame, WebSocketMessageType.Binary, true, cancelled);
            await socket.SendAsync("""{"type":"end"}"""u8.ToArray(), WebSocketMessageType.Text, true, cancelled);
        }
        catch (Exception e) when (e is WebSocketException or IOException or InvalidOperationException)
        {
        }
    }

    private static async Task<StreamMessage?> ReceiveAsync(ClientWebSocket socket, CancellationToken cancelled)
    {
        var buffer = new byte[1 << 16];
        var length = 0;
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(length), cancelled);
            if (part.MessageType == WebSocketMessageType.Close) return null;
            length += part.Count;
            if (part.EndOfMessage) return System.Text.Json.JsonSerializer.Deserialize<StreamMessage>(buffer.AsSpan(0, length), LipSolJson.Options);
        }
    }

    // Long runs are looked at while they run.
    private static void Say(string text)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(text);
        if (Environment.GetEnvironmentVariable("LIPSOL_FUZZ_LOG") is { } log) File.AppendAllText(log, text + "\n");
    }
}
