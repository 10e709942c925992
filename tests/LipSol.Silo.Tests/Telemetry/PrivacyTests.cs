using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using LipSol.Client;
using LipSol.Clips;
using LipSol.Inference.Tests.Networks;
using LipSol.Silo.Tests.Nodes;
using LipSol.Silo.Transcriptions;

namespace LipSol.Silo.Tests.Telemetry;

/// <summary>What a node tells of a request: one trace from end to end, and nothing of what was sent, what was read or who asked.</summary>
public sealed class PrivacyTests
{
    private const string Model = "urdu-words";

    [Fact]
    public async Task A_request_is_told_from_end_to_end_and_nothing_of_clip_text_token_or_query()
    {
        await using var collector = await Collector.StartAsync();
        var spans = new ConcurrentBag<Activity>();
        using var listener = new ActivityListener { ShouldListenTo = _ => true, Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded, ActivityStopped = spans.Add };
        ActivitySource.AddActivityListener(listener);
        var trace = ActivityTraceId.CreateRandom();
        string token, wrong = "lipsol_" + string.Concat(Enumerable.Repeat("5ec2e7", 8));
        await using (var node = await TestNode.StartAsync(o => o with { Telemetry = o.Telemetry with { OpenTelemetry = collector.Environment } }))
        {
            await ServeAsync(node);
            token = (await node.Client.Tokens.CreateAsync(new CreateToken { Name = "farida-laptop", Role = TokenRole.Read })).Token;
            var mouth = BrightnessModel.Clip(250);
            node.Cropper.Crop = (_, _) => Task.FromResult(new CroppedClip(MouthClipFile.ToBytes(mouth), mouth.Length, mouth.Length, 25));

            Assert.Contains("نہیں", await SendAsync(node, token, trace, HttpStatusCode.OK, "/api/v1/transcriptions?secret=query-value"));
            node.Cropper.Crop = (_, _) => throw new UnusableClipException(UnusableReason.NoFace, "No face.");
            await SendAsync(node, token, ActivityTraceId.CreateRandom(), HttpStatusCode.UnprocessableEntity, "/api/v1/transcriptions");
            // A defect, which is logged with its stack.
            node.Cropper.Crop = (_, _) => throw new InvalidOperationException("the cropper broke");
            await SendAsync(node, token, ActivityTraceId.CreateRandom(), HttpStatusCode.InternalServerError, "/api/v1/transcriptions");
            // A browser's first visit, a guess, and a file that is asked for by its name.
            using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(node.Url) };
            Assert.Equal(HttpStatusCode.Redirect, (await browser.GetAsync($"/?token={token}")).StatusCode);
            Assert.Equal(HttpStatusCode.Unauthorized, (await browser.GetAsync($"/?token={wrong}")).StatusCode);
            await node.Client.Corpora.GetAsync(TestNode.Corpus);
            using var clip = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/artifacts/{new string('0', 32)}.dir/speaker-name/{Uri.EscapeDataString("نام")}.mp4");
            clip.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            Assert.Equal(HttpStatusCode.NotFound, (await node.Http.SendAsync(clip)).StatusCode);
        }

        // The node has stopped: all is told.
        var (traces, metrics, logs) = (collector.All("traces"), collector.All("metrics"), collector.All("logs"));
        foreach (var name in (string[])["receive", "crop", "read", "batch", "IModelReaderGrain", "IReplicaGrain", "/api/v1/transcriptions", "lipsol", "deployment.environment"]) AssertTold(traces, name);
        foreach (var name in (string[])["lipsol.stage.duration", "lipsol.requests", "lipsol.reading.batch.size", "lipsol.run.changes", "no-face"]) AssertTold(metrics, name);
        foreach (var name in (string[])["is loaded", "the cropper broke"]) AssertTold(logs, name);
        foreach (var secret in (string[])["نہیں", "فریدہ", "clip-of-farida", "farida", token[7..], wrong[7..], "query-value", "speaker-name", "نام"])
            foreach (var (signal, all) in new[] { ("traces", traces), ("metrics", metrics), ("logs", logs) })
                Assert.False(Holds(all, secret), $"{signal} hold \"{secret}\"");

        // One trace, of which the request is the root, and the session's batch hangs on it by the grains.
        var ours = spans.Where(s => s.TraceId == trace).ToArray();
        var batch = Assert.Single(ours, s => s.OperationName == "batch");
        var line = new List<string>();
        for (var span = batch; span is not null; span = ours.FirstOrDefault(s => s.SpanId == span.ParentSpanId)) line.Add(span.OperationName);
        Assert.Equal(["batch", "read"], line[..2]);
        Assert.Contains(line, name => name.Contains("IReplicaGrain", StringComparison.Ordinal));
        Assert.Contains(line, name => name.Contains("IModelReaderGrain", StringComparison.Ordinal));
        Assert.Equal("Microsoft.AspNetCore.Hosting.HttpRequestIn", line[^1]);
        foreach (var stage in (string[])["receive", "crop"]) Assert.Single(ours, s => s.OperationName == stage);
    }

    /// <summary>Sends a video under a telling name.</summary>
    private static async Task<string> SendAsync(TestNode node, string token, ActivityTraceId trace, HttpStatusCode status, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new MultipartFormDataContent { { new ByteArrayContent([1, 2, 3]), "clip", "clip-of-farida فریدہ.mp4" }, { new StringContent(Model), "model" } },
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        request.Headers.UserAgent.ParseAdd("farida/1.0");
        request.Headers.Add("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom()}-01");
        // Else this process' own activity would be the parent.
        using var client = new HttpClient(new SocketsHttpHandler { ActivityHeadersPropagator = null }) { BaseAddress = new Uri(node.Url) };
        using var answer = await client.SendAsync(request);
        Assert.Equal(status, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync();
    }

    internal static async Task ServeAsync(TestNode node)
    {
        node.AddCorpus();
        var run = await node.Client.Runs.StartAsync(new StartRun { Network = "brightness", Corpus = TestNode.Corpus, Experiment = "first", Parameters = new Dictionary<string, string> { ["epochs"] = "3" } });
        var worker = await node.Workers.NextAsync();
        await worker.ReportAsync(("loss", 1, 0.5));
        await worker.CompleteAsync();
        Assert.True((await node.Client.Models.PromoteAsync(Model, new Promote { RunId = run.Id })).Promoted);
    }

    private static void AssertTold(byte[] all, string text) => Assert.True(Holds(all, text), $"\"{text}\" isn't told");

    private static bool Holds(byte[] all, string text) => all.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;
}
