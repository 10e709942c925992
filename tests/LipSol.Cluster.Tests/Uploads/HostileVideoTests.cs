using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using LipSol.Client;
using LipSol.Cluster.Tests.Nodes;

namespace LipSol.Cluster.Tests.Uploads;

/// <summary>Videos that can't be read, sent to a node whose cropper is the real one: each is refused with a reason, in bounded time and memory, and the next good clip is read.</summary>
public sealed class HostileVideoTests(ServingNode serving) : IDisposable
{
    private const long MemoryForUploads = 400L << 20;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(45);
    private readonly TemporaryFolder scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task Every_video_that_cannot_be_read_is_refused_with_a_reason_and_the_next_good_one_is_read()
    {
        var noise = new byte[50_000];
        new Random(3).NextBytes(noise);
        var whole = Videos.Talking(scratch["whole.mp4"], 40);
        (string Path, string Reason, string Words)[] clips =
        [
            (Videos.Write(scratch["text.mp4"], "This is no video."u8), "undecodable", "not a video"),
            (Videos.Write(scratch["noise.mpg"], noise), "undecodable", "clip"),
            (Videos.Truncated(scratch["half.mp4"], whole, 0.5), "undecodable", "cut off"),
            (Videos.WithoutFace(scratch["wall.mp4"]), "no-face", "in any of the 30 frames"),
            (Videos.Leaving(scratch["leaves.mp4"], 75, 50), "no-face", "25 of 75"),
            (Videos.Talking(scratch["one.mp4"], 1), "too-short", "1 frame "),
            (Videos.Talking(scratch["hour.avi"], 36, framesPerSecond: 0.01), "too-long", "3600 s long; at most 60 s"),
            (Videos.Claiming(scratch["claims.avi"], 16_000, 16_000), "too-large", "16000×16000"),
            (Videos.Claiming(scratch["claims more.avi"], 65_500, 65_500), "", ""),
            (Videos.Write(scratch["list.mp4"], "#EXTM3U\n#EXTINF:10,\n/etc/passwd\n"u8), "undecodable", "playlist"),
        ];
        var before = LinuxProcess.Find(serving.Node.ProcessId).PeakMemory;
        foreach (var (path, reason, words) in clips)
        {
            var since = Stopwatch.GetTimestamp();
            var refusal = await Assert.ThrowsAnyAsync<LipSolException>(() => serving.Client.Transcriptions.TranscribeAsync(path));
            Assert.True(Stopwatch.GetElapsedTime(since) < Longest, $"{path} took {Stopwatch.GetElapsedTime(since)}");
            Assert.True((int?)refusal.Status is 413 or 422, $"{path}: {refusal.Status} {refusal.Message}");
            if (reason.Length > 0) Assert.Equal((Path.GetFileName(path), reason), (Path.GetFileName(path), refusal.Reason));
            Assert.Contains(words, refusal.Message);
            Assert.DoesNotContain(serving.Node.DataFolder, refusal.Message);
        }
        await AssertServesAsync();
        Assert.True(LinuxProcess.Find(serving.Node.ProcessId).PeakMemory - before < MemoryForUploads, "the node took too much memory");
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(serving.Node.DataFolder, "uploads")));
    }

    [Fact]
    public async Task Videos_that_are_odd_but_whole_are_read()
    {
        foreach (var path in new[] { Videos.Talking(scratch["میری آواز کی ویڈیو ۱.mp4"]), Videos.Talking(scratch["4k.avi"], 16, width: 3840, height: 2160), Videos.Truncated(scratch["half.avi"], Videos.Talking(scratch["whole.avi"], 60), 0.5) })
        {
            var read = await serving.Client.Transcriptions.TranscribeAsync(path);
            Assert.NotEmpty(read.Text);
            Assert.InRange(read.Provenance.FramesTracked, 0.9, 1);
        }
    }

    [Fact]
    public async Task A_container_that_claims_four_gigabytes_is_read_as_far_as_it_goes_or_refused()
    {
        try
        {
            await serving.Client.Transcriptions.TranscribeAsync(Videos.OfFourGigabytes(scratch["huge.mp4"]));
        }
        catch (LipSolRefusedException e)
        {
            Assert.Equal(HttpStatusCode.UnprocessableEntity, e.Status);
        }
        await AssertServesAsync();
    }

    [Fact]
    public async Task A_body_of_four_gigabytes_is_refused_before_it_is_sent()
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync(serving.Node.Url.Host, serving.Node.Url.Port);
        await using var stream = connection.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST /api/v1/transcriptions HTTP/1.1\r\nHost: {serving.Node.Url.Authority}\r\nAuthorization: Bearer {serving.Node.Token}\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 4294967296\r\n\r\n--x\r\nContent-Disposition: form-data; name=\"clip\"; filename=\"a.mp4\"\r\n\r\n"));
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var reader = new StreamReader(stream);
        Assert.StartsWith("HTTP/1.1 413", await reader.ReadLineAsync(deadline.Token));
        var buffer = new char[4096];
        var body = new StringBuilder();
        while (!body.ToString().Contains("too-large", StringComparison.Ordinal) && await reader.ReadAsync(buffer, deadline.Token) is > 0 and var got) body.Append(buffer, 0, got);
        Assert.Contains("64 MB that this node accepts", body.ToString());
    }

    [Fact]
    public async Task A_clip_on_which_the_decoder_crashes_costs_that_process_and_nothing_else()
    {
        var clip = Videos.Talking(scratch["4k.avi"], 60, width: 3840, height: 2160);
        var reading = serving.Client.Transcriptions.TranscribeAsync(clip);
        // The upload lies there while it's decoded, and the process that decodes it takes up work.
        await Eventually.TrueAsync("upload", TimeSpan.FromSeconds(30), () => Directory.EnumerateFiles(Path.Combine(serving.Node.DataFolder, "uploads"), "clip.avi", SearchOption.AllDirectories).Any(f => new FileInfo(f).Length == new FileInfo(clip).Length));
        var cropper = await Eventually.FindAsync("process that decodes", TimeSpan.FromSeconds(30), () => Task.FromResult(LinuxProcess.ChildrenOf(serving.Node.ProcessId).Where(p => p.HasOpen("clip.avi")).Select(p => new Found(p)).FirstOrDefault()));
        Signal.Kill.Send(cropper.Process.Id);

        var refusal = await Assert.ThrowsAsync<LipSolRefusedException>(() => reading);
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "undecodable"), (refusal.Status, refusal.Reason));
        Assert.Contains("Nothing else was harmed", refusal.Message);
        await AssertServesAsync();
    }

    [Fact]
    public async Task Of_two_faces_the_answer_says_whose_mouth_was_read()
    {
        var read = await serving.Client.Transcriptions.TranscribeAsync(Videos.Talking(scratch["one.mp4"]));
        Assert.Empty(read.Notes);
        read = await serving.Client.Transcriptions.TranscribeAsync(Videos.OfTwo(scratch["two.avi"]));
        Assert.Contains(read.Notes, n => n.StartsWith("2 faces were seen; the largest that stays was followed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_empty_file_and_a_body_of_many_parts_are_refused()
    {
        Assert.Equal("empty", (await Assert.ThrowsAsync<LipSolRefusedException>(() => serving.Client.Transcriptions.TranscribeAsync(Videos.Write(scratch["empty.mp4"], [])))).Reason);
        using var http = new HttpClient();
        using var request = serving.Node.Request(HttpMethod.Post, "api/v1/transcriptions");
        var form = new MultipartFormDataContent();
        for (var i = 0; i < 1000; i++) form.Add(new StringContent("x"), $"field{i}");
        request.Content = form;
        using var answer = await http.SendAsync(request);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("parts", (await answer.Content.ReadFromJsonAsync<Problem>(LipSolJson.Options))!.Detail);
    }

    private async Task AssertServesAsync()
    {
        var read = await serving.Client.Transcriptions.TranscribeAsync(Videos.Talking(scratch["good.mp4"]));
        Assert.NotEmpty(read.Text);
        Assert.Equal("ready\n", await serving.Node.GetStringAsync("health/ready"));
    }

    private sealed record Found(LinuxProcess Process);
}
