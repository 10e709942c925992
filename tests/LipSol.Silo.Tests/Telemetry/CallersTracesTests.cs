using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using LipSol.Client;
using LipSol.Clips;
using LipSol.Inference.Tests.Networks;
using LipSol.Language.Decoding;
using LipSol.Language.Evaluation;
using LipSol.Silo.Node;
using LipSol.Silo.Tests.Nodes;
using LipSol.Silo.Tests.Streaming;
using LipSol.Silo.Transcriptions;
using LipSol.Testing.Cluster.Processes;
using LipSol.Vision;

namespace LipSol.Silo.Tests.Telemetry;

/// <summary>
/// What streams, batches, answers for later, kept and refused ones leave in logs, traces, metrics and files: nothing of who asked, of what was sent or of what was read there, but for the answers
/// that are kept in the database for as long as they may be fetched, and the mouth clip that was asked to be kept.
/// </summary>
public sealed class CallersTracesTests
{
    private const string Caller = "farida-phone-17";
    private const string FileName = "clip-of-farida فریدہ";
    // No transcript of the corpus says them.
    private const string Streamed = "مکب", Read = "بہمک", Deleted = "کہبم", KeptFor = "مہکب";
    private static readonly byte[] Video = Encoding.UTF8.GetBytes("VIDEO-OF-FARIDA-" + new string('v', 200));
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Of_streams_batches_and_answers_for_later_nothing_is_told_and_nothing_but_what_may_be_fetched_is_kept()
    {
        await using var collector = await Collector.StartAsync();
        string token;
        await using (var node = await StartAsync(collector))
        {
            token = (await node.Client.Tokens.CreateAsync(new CreateToken { Name = "farida-laptop", Role = TokenRole.Read })).Token;
            using var http = Http(node, token);
            var (before, seen) = (Artifacts(node), 0);
            // What is cropped lies there meanwhile; were it not, nothing could be left of it either.
            node.Cropper.Crop = (path, _) =>
            {
                Assert.True(File.ReadAllBytes(path).AsSpan().SequenceEqual(Video));
                Interlocked.Increment(ref seen);
                return Task.FromResult(Cropped(Read));
            };

            Assert.Equal(Streamed, await StreamAsync(node, token));
            var batch = await PostAsync<TranscriptionBatch>(http, "/api/v1/transcriptions/batches?decoder=greedy", HttpStatusCode.Accepted,
                ("clip", FileName + ".mp4", Video), ("clip", FileName + " 2.mp4", Video), ("mouthClip", FileName + ".npz", "no mouth clip at all"u8.ToArray()));
            var later = await PostAsync<TranscriptionJob>(http, "/api/v1/transcriptions?async=true&decoder=greedy", HttpStatusCode.Accepted, ("clip", FileName + ".mp4", Video));
            var read = (await EndAsync(http, later.Id)).Transcription!;
            Assert.Equal(Read, read.Text);
            foreach (var part in batch.Transcriptions) await EndAsync(http, part.Id);
            Assert.Equal(3, seen);
            Assert.Equal(before, Artifacts(node));

            // One that's deleted leaves the database too, and one that asks for its mouth clip leaves that.
            var deleted = await PostAsync<Transcription>(http, "/api/v1/transcriptions?decoder=greedy", HttpStatusCode.OK, ("mouthClip", FileName + ".npz", Mouth(Deleted)));
            Assert.Equal(Deleted, deleted.Text);
            Assert.Equal(HttpStatusCode.NoContent, (await http.DeleteAsync($"/api/v1/transcriptions/{deleted.Id}")).StatusCode);
            var kept = await PostAsync<Transcription>(http, "/api/v1/transcriptions?decoder=greedy&keep=clip", HttpStatusCode.OK, ("mouthClip", FileName + ".npz", Mouth(KeptFor)));
            Assert.NotNull(kept.MouthClip);
            Assert.Single(Artifacts(node).Except(before));

            // Kept are the answers that may be fetched, and nowhere but in the database.
            foreach (var text in (string[])[Read, KeptFor]) Assert.All(FilesThatHold(node, text), f => Assert.StartsWith("lipsol.db", f));
            Assert.NotEmpty(FilesThatHold(node, Read));
            foreach (var nothing in (string[])[Streamed, Deleted, Caller, FileName, "clip-of-farida", "VIDEO-OF-FARIDA", token[7..]]) Assert.Equal((nothing, ""), (nothing, string.Join(", ", FilesThatHold(node, nothing))));
            AssertNoUploads(node);
        }

        AssertNotTold(collector, token);
        // ONNX Runtime's own reports to its maker, where they aren't switched off, wait in a database.
        Assert.False(LinuxProcess.Find(Environment.ProcessId).HasOpen("onnxruntime.db"), "ONNX Runtime tells of models and readings");
    }

    [Fact]
    public async Task Of_refused_cancelled_and_failed_ones_nothing_is_told_or_kept_either()
    {
        await using var collector = await Collector.StartAsync();
        string token, wrong = "lipsol_" + string.Concat(Enumerable.Repeat("5ec2e7", 8));
        await using (var node = await StartAsync(collector))
        {
            token = (await node.Client.Tokens.CreateAsync(new CreateToken { Name = "farida-laptop", Role = TokenRole.Read })).Token;
            using var http = Http(node, token);
            var before = Artifacts(node);
            (string, string, byte[]) video = ("clip", FileName + ".mp4", Video);

            // Refused: as it arrives, as it's cropped, as it's read, and without the right token.
            Assert.Equal("empty", (await PostAsync<Problem>(http, "/api/v1/transcriptions", HttpStatusCode.UnprocessableEntity, ("clip", FileName + ".mp4", []))).Reason);
            Assert.Equal("too-large", (await PostAsync<Problem>(http, "/api/v1/transcriptions", HttpStatusCode.RequestEntityTooLarge, ("clip", FileName + ".mp4", [.. Video, .. new byte[2 << 20]]))).Reason);
            node.Cropper.Crop = (_, _) => throw new UnusableClipException(UnusableReason.NoFace, "No face.");
            await PostAsync<Problem>(http, "/api/v1/transcriptions", HttpStatusCode.UnprocessableEntity, video);
            await PostAsync<Problem>(http, "/api/v1/transcriptions?keep=clip", HttpStatusCode.UnprocessableEntity, ("mouthClip", FileName + ".npz", MouthClipFile.ToBytes(BrightnessModel.Clip(100, settings: MouthCropper.DefaultSettings))));
            using (var stranger = Http(node, wrong)) await PostAsync<Problem>(stranger, "/api/v1/transcriptions", HttpStatusCode.Unauthorized, video);
            await PostAsync<Problem>(http, "/api/v1/transcriptions?model=no-such-model", HttpStatusCode.NotFound, video);
            // Defects, which are logged with their stacks: of one that is waited for, and of one for later.
            node.Cropper.Crop = (_, _) => throw new InvalidOperationException("the cropper broke");
            await PostAsync<Problem>(http, "/api/v1/transcriptions", HttpStatusCode.InternalServerError, video);
            var failed = await PostAsync<TranscriptionJob>(http, "/api/v1/transcriptions?async=true", HttpStatusCode.Accepted, video);
            Assert.Equal(TranscriptionState.Failed, (await EndAsync(http, failed.Id)).State);
            // Cancelled while it's cropped, and while it waits.
            node.Cropper.Crop = async (_, cancelled) =>
            {
                await Task.Delay(Timeout.Infinite, cancelled);
                return Cropped(Read);
            };
            var batch = await PostAsync<TranscriptionBatch>(http, "/api/v1/transcriptions/batches", HttpStatusCode.Accepted, [.. Enumerable.Repeat(video, 6)]);
            using (var cancelling = await http.PostAsync($"/api/v1/transcriptions/batches/{batch.Id}/cancel", null)) cancelling.EnsureSuccessStatusCode();
            foreach (var part in batch.Transcriptions) Assert.Equal(TranscriptionState.Cancelled, (await EndAsync(http, part.Id)).State);
            // Streams: of a model that isn't there, of pictures that aren't, and one that breaks off.
            foreach (var (greeting, frame) in new[] { ("""{"model":"no-such-model"}""", Video), ("""{"model":"letters","input":"crops"}""", Video), ("""{"model":"letters","input":"crops","decoder":"greedy"}""", null) })
            {
                using var socket = await ConnectAsync(node, token);
                await socket.SendAsync(Encoding.UTF8.GetBytes(greeting), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);
                if (frame is not null) await socket.SendAsync(frame, WebSocketMessageType.Binary, true, TestContext.Current.CancellationToken);
                else await ReceiveAsync(socket);
                if (frame is null) socket.Abort();
                else
                    while (await ReceiveAsync(socket) is not (StreamError or null))
                    {
                    }
            }

            Assert.Equal(before, Artifacts(node));
            foreach (var nothing in (string[])[Read, Caller, FileName, "clip-of-farida", "VIDEO-OF-FARIDA", token[7..], wrong[7..]]) Assert.Equal((nothing, ""), (nothing, string.Join(", ", FilesThatHold(node, nothing))));
            AssertNoUploads(node);
        }

        Assert.True(Holds(collector.All("logs"), "the cropper broke"), "the defect isn't told");
        AssertNotTold(collector, token, wrong);
    }

    [Fact]
    public async Task A_node_that_keeps_no_answers_has_no_text_in_any_file()
    {
        await using var collector = await Collector.StartAsync();
        await using var node = await StartAsync(collector, o => o with { Uploads = o.Uploads with { KeepAnswers = TimeSpan.Zero } });
        using var http = Http(node, node.Token);
        Assert.Equal(Read, (await PostAsync<Transcription>(http, "/api/v1/transcriptions?decoder=greedy", HttpStatusCode.OK, ("mouthClip", "x.npz", Mouth(Read)))).Text);
        Assert.Empty(FilesThatHold(node, Read));
    }

    private static async Task<TestNode> StartAsync(Collector collector, Func<NodeOptions, NodeOptions>? change = null)
    {
        var node = await TestNode.StartAsync(o => (change ?? (own => own))(o) with { Telemetry = o.Telemetry with { OpenTelemetry = collector.Environment } });
        node.AddSentences("sentences");
        var run = await node.Client.Runs.StartAsync(new StartRun { Network = "grey-letters", Corpus = "sentences" });
        await (await node.Workers.NextAsync()).CompleteSentencesAsync((DecoderKind.Beam, [new EvaluatedSample("x", "a", true, "ہم کب", "ہم کب", 0.9)]));
        Assert.True((await node.Client.Models.PromoteAsync("letters", new Promote { RunId = run.Id, Threshold = 0 })).Promoted);
        return node;
    }

    private static HttpClient Http(TestNode node, string token)
    {
        var http = new HttpClient(TestNode.Handler()) { BaseAddress = new Uri(node.Url) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        http.DefaultRequestHeaders.Add("X-Caller", Caller);
        http.DefaultRequestHeaders.UserAgent.ParseAdd(Caller + "/1.0");
        http.DefaultRequestHeaders.ExpectContinue = true; // what is refused by its size is answered before it's sent
        return http;
    }

    private static async Task<T> PostAsync<T>(HttpClient http, string path, HttpStatusCode status, params (string Part, string Name, byte[] Bytes)[] parts)
    {
        using var form = new MultipartFormDataContent();
        foreach (var (part, name, bytes) in parts) form.Add(new ByteArrayContent(bytes), part, name);
        using var answer = await http.PostAsync(path, form, TestContext.Current.CancellationToken);
        Assert.True(answer.StatusCode == status, $"{path}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        return (await answer.Content.ReadFromJsonAsync<T>(LipSolJson.Options))!;
    }

    private static async Task<TranscriptionJob> EndAsync(HttpClient http, string id) => await Eventually.FindAsync("the end of a transcription", Patience, async () =>
        await http.GetFromJsonAsync<TranscriptionJob>($"/api/v1/transcriptions/{id}", LipSolJson.Options) is { HasEnded: true } job ? job : null);

    /// <summary>Streams a text's crops; what was read of them.</summary>
    private static async Task<string> StreamAsync(TestNode node, string token)
    {
        using var socket = await ConnectAsync(node, token);
        await socket.SendAsync("""{"model":"letters","input":"crops","decoder":"greedy"}"""u8.ToArray(), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);
        Assert.IsType<StreamReady>(await ReceiveAsync(socket));
        foreach (var crop in StreamFixture.Crops(Streamed)) await socket.SendAsync(crop, WebSocketMessageType.Binary, true, TestContext.Current.CancellationToken);
        await socket.SendAsync("""{"type":"end"}"""u8.ToArray(), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);
        while (await ReceiveAsync(socket) is { } message)
            if (message is StreamDone done) return done.Text;
        throw new InvalidOperationException("The stream ended without a last word.");
    }

    private static async Task<ClientWebSocket> ConnectAsync(TestNode node, string token)
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", "Bearer " + token);
        socket.Options.SetRequestHeader("X-Caller", Caller);
        await socket.ConnectAsync(new Uri(node.Url.Replace("http://", "ws://", StringComparison.Ordinal) + $"/api/v1/stream?session={Caller}"), TestContext.Current.CancellationToken);
        return socket;
    }

    private static async Task<StreamMessage?> ReceiveAsync(ClientWebSocket socket)
    {
        var buffer = new byte[1 << 16];
        var part = await socket.ReceiveAsync(buffer.AsMemory(), TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience);
        return part.MessageType == WebSocketMessageType.Close ? null : JsonSerializer.Deserialize<StreamMessage>(buffer.AsSpan(0, part.Count), LipSolJson.Options);
    }

    private static byte[] Mouth(string said) => MouthClipFile.ToBytes(GreyLettersModel.Clip(said));

    private static CroppedClip Cropped(string said)
    {
        var mouth = GreyLettersModel.Clip(said);
        return new CroppedClip(MouthClipFile.ToBytes(mouth), mouth.Length, mouth.Length, 25);
    }

    private static string[] Artifacts(TestNode node) =>
        [.. Directory.EnumerateFiles(Path.Combine(node.DataFolder, "artifacts"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    private static List<string> FilesThatHold(TestNode node, string text)
    {
        var found = new List<string>();
        // The lock has no content, and can't be opened.
        foreach (var path in Directory.EnumerateFiles(node.DataFolder, "*", SearchOption.AllDirectories).Where(f => Path.GetFileName(f) != "node.lock"))
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            if (path.Contains(text, StringComparison.Ordinal) || Holds(bytes, text) || Holds(bytes, JsonSerializer.Serialize(text).Trim('"'))) found.Add(Path.GetRelativePath(node.DataFolder, path));
        }
        return found;
    }

    private static void AssertNoUploads(TestNode node) =>
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(node.DataFolder, "uploads")));

    // The node has stopped: all is told.
    private static void AssertNotTold(Collector collector, params string[] tokens)
    {
        var told = new[] { "traces", "metrics", "logs" }.Select(signal => (Signal: signal, All: collector.All(signal))).ToArray();
        foreach (var (signal, all) in told) Assert.True(all.Length > 0, $"no {signal} came");
        Assert.True(Holds(told[0].All, "/api/v1/transcriptions"), "the traces tell of no transcription");
        foreach (var secret in (string[])[Streamed, Read, Deleted, KeptFor, Caller, FileName, "farida", "VIDEO-OF", .. tokens.Select(t => t[7..])])
            foreach (var (signal, all) in told)
                Assert.False(Holds(all, secret), $"{signal} hold \"{secret}\"");
    }

    private static bool Holds(ReadOnlySpan<byte> all, string text) => all.IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;
}
