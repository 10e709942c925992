using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using LipSol.Client;
using LipSol.Clips;
using LipSol.Testing.Cluster.Processes;
using LipSol.Cluster.Tests.Uploads;
using LipSol.Inference.Tests.Networks;
using LipSol.Silo.Tests.Nodes;
using LipSol.Silo.Workers;
using LipSol.Vision;
using Microsoft.Extensions.Logging.Abstractions;

namespace LipSol.Silo.Tests.Transcriptions;

/// <summary>What an upload may cost, with the real cropper: each limit has its problem and a sentence that says what to do, and the next good clip is read.</summary>
public sealed class UploadLimitTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Bytes_seconds_and_pixels_over_the_limit_are_refused_each_with_what_to_do()
    {
        await using var node = await ServingAsync(bytes: 3 << 20, seconds: 3, pixels: 640 * 480, processingSeconds: 20);
        await RefusedAsync(node, Videos.Talking(Clip("long.mp4"), 100), HttpStatusCode.UnprocessableEntity, "too-long", "4 s long; at most 3 s are taken. Cut it into shorter clips.");
        await RefusedAsync(node, Videos.Talking(Clip("large.mp4"), 20, width: 1280, height: 720), HttpStatusCode.RequestEntityTooLarge, "too-large", "1280×720 pixels", "Scale it down");
        await RefusedAsync(node, Videos.Write(Clip("heavy.mp4"), new byte[(3 << 20) + 1]), HttpStatusCode.RequestEntityTooLarge, "too-large", "3 MB", "Send a shorter or smaller one");
        // Without a word of its length, it's cut off while it arrives.
        var (status, problem) = await SendAsync(node, "clip", new UnknownLength(7 << 19));
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "too-large"), (status, problem.Reason));
        Assert.Contains("Send a shorter or smaller one", problem.Detail);
        // What its header tells is enough: there is no picture in it to decode.
        await RefusedAsync(node, WithoutPictures(Videos.Talking(Clip("claims seconds.avi"), 100)), HttpStatusCode.UnprocessableEntity, "too-long", "4 s long");
        await RefusedAsync(node, WithoutPictures(Videos.Talking(Clip("claims pixels.avi"), 20, width: 1280, height: 720)), HttpStatusCode.RequestEntityTooLarge, "too-large", "1280×720 pixels");
        await ReadsAsync(node);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(node.DataFolder, "uploads")));
    }

    [Fact]
    public async Task A_mouth_clip_that_unpacks_to_more_than_the_limit_is_refused()
    {
        await using var node = await ServingAsync(mouthClipBytes: 96 * 96 * 30);
        var bytes = MouthClipFile.ToBytes(BrightnessModel.Clip(0, frames: 40, settings: MouthCropper.DefaultSettings));
        var (status, problem) = await SendAsync(node, "mouthClip", new ByteArrayContent(bytes));
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "too-large"), (status, problem.Reason));
        Assert.Contains("Cut the recording into shorter clips", problem.Detail);
    }

    [Fact]
    public async Task Decoding_that_takes_too_long_is_ended_by_the_cropper_itself()
    {
        await using var node = await ServingAsync(processingSeconds: 0.2);
        await RefusedAsync(node, Videos.Talking(Clip("4k.avi"), 40, width: 3840, height: 2160), HttpStatusCode.UnprocessableEntity, "timed-out", "took more than 0.2 s to decode and track", "Cut it into shorter clips, or scale it down");
    }

    [Fact]
    public async Task A_decoder_that_hangs_is_ended_from_outside_and_the_next_clip_gets_another()
    {
        await using var node = await ServingAsync(processingSeconds: 8);
        var path = Videos.Talking(Clip("4k.avi"), 40, width: 3840, height: 2160);
        var reading = node.Client.Transcriptions.TranscribeAsync(path);
        var cropper = await Eventually.FindAsync("process that decodes", Patience, () => Task.FromResult(LinuxProcess.ChildrenOf(Environment.ProcessId).Where(p => p.HasOpen("clip.avi")).Select(p => new Found(p)).FirstOrDefault()));
        Signal.Stop.Send(cropper.Process.Id);
        var refusal = await Assert.ThrowsAsync<LipSolRefusedException>(() => reading.WaitAsync(Patience));
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "timed-out"), (refusal.Status, refusal.Reason));
        Assert.Contains("Send a shorter or smaller one", refusal.Message);
        Assert.False(cropper.Process.IsAlive);
        await ReadsAsync(node);
    }

    [Fact]
    public async Task A_clip_that_waits_for_its_turn_too_long_is_told_to_come_back_not_to_be_shorter()
    {
        await using var pool = new ClipCropperPool(new WorkersOptions { DataFolder = Clip("data"), ArtifactFolder = Clip("artifacts"), CodeVersion = "test", Croppers = 1 }, NullLogger<ClipCropperPool>.Instance);
        using CancellationTokenSource firsts = new(), seconds = new();
        var first = pool.CropAsync(new(Videos.Talking(Clip("4k.avi"), 40, width: 3840, height: 2160)), firsts.Token);
        var second = pool.CropAsync(new(Videos.Talking(Clip("second.mp4"))), seconds.Token);
        await seconds.CancelAsync();
        var busy = await Assert.ThrowsAsync<CropperBusyException>(() => second.WaitAsync(Patience));
        await firsts.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.WaitAsync(Patience));

        await using var node = await ServingAsync(crops: false);
        node.Cropper.Crop = (_, _) => throw busy;
        var refusal = await Assert.ThrowsAsync<LipSolOverloadedException>(() => node.Client.Transcriptions.TranscribeAsync(Clip("second.mp4")));
        Assert.Equal((HttpStatusCode.TooManyRequests, "overloaded"), (refusal.Status!.Value, refusal.Reason!));
        Assert.Contains("Send it again in a little while", refusal.Message);
    }

    private string Clip(string name) => Path.Combine(folder.Path, name);

    private static async Task<TestNode> ServingAsync(int bytes = 16 << 20, double seconds = 60, long pixels = 4096 * 2304, double processingSeconds = 20, long mouthClipBytes = 64 << 20, bool crops = true)
    {
        var node = await TestNode.StartAsync(o => o with { Uploads = o.Uploads with { Bytes = bytes, Seconds = seconds, Pixels = pixels, ProcessingSeconds = processingSeconds, MouthClipBytes = mouthClipBytes } }, crops);
        node.AddCorpus();
        var run = await node.Client.Runs.StartAsync(new StartRun { Network = "brightness", Corpus = TestNode.Corpus });
        await (await node.Workers.NextAsync()).CompleteAsync(change: m => m with { Crop = MouthCropper.DefaultSettings });
        await node.Client.Models.PromoteAsync("m", new Promote { RunId = run.Id });
        return node;
    }

    private static async Task RefusedAsync(TestNode node, string path, HttpStatusCode status, string reason, params string[] words)
    {
        var refusal = await Assert.ThrowsAnyAsync<LipSolException>(() => node.Client.Transcriptions.TranscribeAsync(path));
        Assert.Equal((status, reason), (refusal.Status!.Value, refusal.Reason!));
        foreach (var word in words) Assert.Contains(word, refusal.Message);
        Assert.DoesNotContain(node.DataFolder, refusal.Message);
    }

    private async Task ReadsAsync(TestNode node)
    {
        var read = await node.Client.Transcriptions.TranscribeAsync(Videos.Talking(Clip("good.mp4")));
        Assert.Contains(read.Text, BrightnessModel.Words);
        Assert.Equal(30, read.Provenance.Frames);
    }

    private static async Task<(HttpStatusCode, Problem)> SendAsync(TestNode node, string part, HttpContent content)
    {
        using var form = new MultipartFormDataContent { { content, part, part == "clip" ? "x.mp4" : "x.npz" } };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/transcriptions") { Content = form };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", node.Token);
        using var answer = await node.Http.SendAsync(request);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        return (answer.StatusCode, (await answer.Content.ReadFromJsonAsync<Problem>(LipSolJson.Options))!);
    }

    /// <summary>The same headers, and nothing that can be decoded.</summary>
    private static string WithoutPictures(string path)
    {
        var bytes = File.ReadAllBytes(path);
        for (var at = bytes.AsSpan().IndexOf("movi"u8); at >= 0 && at + 8 < bytes.Length; at++)
            if (bytes.AsSpan(at, 2).SequenceEqual((ReadOnlySpan<byte>)[0xFF, 0xD8])) bytes.AsSpan(at, 200).Clear();
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private sealed record Found(LinuxProcess Process);

    /// <summary>Zeros that don't say how many they are.</summary>
    private sealed class UnknownLength(int bytes) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            for (var sent = 0; sent < bytes; sent += 1 << 16) await stream.WriteAsync(new byte[1 << 16]);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
