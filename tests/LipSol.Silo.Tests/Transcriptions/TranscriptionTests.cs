using System.Net;
using System.Net.Http.Headers;
using System.Text;
using LipSol.Client;
using LipSol.Clips;
using LipSol.Inference.Tests.Networks;
using LipSol.Silo.Tests.Nodes;
using LipSol.Silo.Transcriptions;

namespace LipSol.Silo.Tests.Transcriptions;

[Collection("uploads")]
public sealed class TranscriptionTests : IDisposable
{
    private readonly NodeFixture fixture;
    private readonly TranscriptionsClient transcriptions;

    public TranscriptionTests(NodeFixture fixture)
    {
        this.fixture = fixture;
        transcriptions = fixture.Client.Transcriptions;
    }

    public void Dispose()
    {
        // Whatever a test sent, nothing of it is left.
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(fixture.Node.DataFolder, "uploads")));
    }

    [Fact]
    public async Task An_answer_names_everything_behind_it()
    {
        var read = await ReadAsync(BrightnessModel.Clip(250));
        Assert.Equal("نہیں", read.Text);
        Assert.True(read.Confidence > 0.9);
        Assert.Equal(["نو"], read.LookAlike);
        Assert.Equal(3, read.Alternatives.Count);
        var word = read.Words.Single();
        Assert.Equal(("نہیں", 0, 0.8), (word.Word, word.Start, word.End));
        var p = read.Provenance;
        Assert.Equal((NodeFixture.Model, 1, fixture.RunId, fixture.DataHash), (p.Model, p.Version, p.RunId, p.DataHash));
        Assert.Equal((true, "cpu", "test", 20, 1.0), (p.Synthetic, p.Device, p.Node, p.Frames, p.FramesTracked));
        Assert.Equal(["crop", "decode", "decoding", "network", "queue", "receive", "total", "track"], p.Milliseconds.Keys.Order());
        Assert.Equal(p.Milliseconds["total"], p.Milliseconds.Where(s => s.Key != "total").Sum(s => s.Value), 0.1);
        Assert.Equal([("temperature", 1.5)], p.DecodingSettings.Select(s => (s.Key, s.Value)));
        Assert.Null(p.Decoder);
    }

    [Fact]
    public async Task Where_the_time_went_is_told_as_the_cropper_measured_it()
    {
        fixture.Node.Cropper.Crop = (_, _) => Task.FromResult(new CroppedClip(MouthClipFile.ToBytes(BrightnessModel.Clip(250)), 20, 20, 25)
        {
            Decode = TimeSpan.FromMilliseconds(0.11), Track = TimeSpan.FromMilliseconds(0.22), Crop = TimeSpan.FromMilliseconds(0.33),
        });
        var stages = (await transcriptions.TranscribeAsync(new MemoryStream([1]), "x.mp4")).Provenance.Milliseconds;
        Assert.Equal((0.11, 0.22, 0.33), (stages["decode"], stages["track"], stages["crop"]));
        Assert.InRange(stages["network"], 0.001, stages["total"]);
    }

    [Fact]
    public async Task A_sentence_names_its_decoder_and_what_it_was_set_to()
    {
        await using var node = await ServingTestNode.StartWithSentencesAsync();
        var clip = MouthClipFile.ToBytes(GreyLettersModel.Clip("ہم کب"));
        var beam = (await node.Client.Transcriptions.TranscribeAsync(new MemoryStream(clip), "x.npz")).Provenance;
        Assert.Equal("beam", beam.Decoder);
        Assert.Equivalent(new Dictionary<string, double> { ["temperature"] = 1, ["nBest"] = 5, ["beamWidth"] = 100, ["languageModelWeight"] = 0.5, ["letterBonus"] = 0 }, beam.DecodingSettings, strict: true);
        Assert.True(beam.Milliseconds["decoding"] > 0);
        var greedy = (await node.Client.Transcriptions.TranscribeAsync(new MemoryStream(clip), "x.npz", new TranscriptionOptions { Decoder = "greedy" })).Provenance;
        Assert.Equal("greedy", greedy.Decoder);
        Assert.Equal(["nBest", "temperature"], greedy.DecodingSettings.Keys.Order());
    }

    [Fact]
    public async Task A_video_is_cropped_under_a_name_of_our_own_and_read()
    {
        var mouth = BrightnessModel.Clip(5);
        string? given = null;
        fixture.Node.Cropper.Crop = async (path, _) =>
        {
            given = path;
            Assert.Equal("a video", await File.ReadAllTextAsync(path));
            return new CroppedClip(MouthClipFile.ToBytes(mouth), mouth.Length, 15, 30);
        };
        var read = await transcriptions.TranscribeAsync(new MemoryStream("a video"u8.ToArray()), "../../کلپ ایک.mp4");
        Assert.Equal("کب", read.Text);
        Assert.Equal(0.75, read.Provenance.FramesTracked);
        Assert.Equal("clip.mp4", Path.GetFileName(given));
        Assert.StartsWith(Path.Combine(fixture.Node.DataFolder, "uploads"), given);
    }

    [Fact]
    public async Task A_clip_that_cannot_be_cropped_is_refused_with_the_reason()
    {
        fixture.Node.Cropper.Crop = (_, _) => throw new UnusableClipException(UnusableReason.NoFace, "No face in 80 % of its 75 frames. Show the whole face.");
        var refusal = await Assert.ThrowsAsync<LipSolRefusedException>(() => transcriptions.TranscribeAsync(new MemoryStream([1, 2, 3]), "x.mp4"));
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "no-face"), (refusal.Status, refusal.Reason));
        Assert.Contains("Show the whole face", refusal.Message);
    }

    [Fact]
    public async Task A_mouth_clip_the_model_cannot_read_is_refused_with_the_reason()
    {
        var other = await Assert.ThrowsAsync<LipSolRefusedException>(() => ReadAsync(BrightnessModel.Clip(0, settings: BrightnessModel.Crop with { Extent = 2 })));
        Assert.Equal("wrong-settings", other.Reason);
        var tooLong = await Assert.ThrowsAsync<LipSolRefusedException>(() => ReadAsync(BrightnessModel.Clip(0, frames: 60)));
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "too-long"), (tooLong.Status, tooLong.Reason));
        Assert.Equal("کب", (await ReadAsync(BrightnessModel.Clip(0, frames: 60), new TranscriptionOptions { Start = 0.4, End = 1.0 })).Text);
    }

    [Fact]
    public async Task What_is_no_mouth_clip_is_refused()
    {
        var whole = MouthClipFile.ToBytes(BrightnessModel.Clip(0));
        foreach (var bytes in new[] { "no zip"u8.ToArray(), whole[..(whole.Length / 2)], [.. whole[..^40], .. new byte[40]] })
        {
            var refusal = await Assert.ThrowsAsync<LipSolRefusedException>(() => transcriptions.TranscribeAsync(new MemoryStream(bytes), "x.npz"));
            Assert.Equal((HttpStatusCode.UnprocessableEntity, "undecodable"), (refusal.Status, refusal.Reason));
        }
    }

    [Fact]
    public async Task An_empty_file_is_refused()
        => Assert.Equal("empty", (await Assert.ThrowsAsync<LipSolRefusedException>(() => transcriptions.TranscribeAsync(new MemoryStream(), "x.mp4"))).Reason);

    [Fact]
    public async Task A_file_larger_than_allowed_is_refused_before_it_is_looked_at()
    {
        fixture.Node.Cropper.Paths.Clear();
        var refusal = await Assert.ThrowsAsync<LipSolRefusedException>(() => transcriptions.TranscribeAsync(new MemoryStream(new byte[(1 << 20) + 1]), "x.mp4"));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, refusal.Status);
        Assert.Contains("1 MB", refusal.Message);
        Assert.Empty(fixture.Node.Cropper.Paths);
    }

    [Fact]
    public async Task Decoding_that_never_ends_is_ended()
    {
        await using var node = await TestNode.StartAsync(o => o with { Uploads = o.Uploads with { Deadline = TimeSpan.FromSeconds(0.5) } });
        node.AddCorpus();
        var run = await node.Client.Runs.StartAsync(new StartRun { Network = "brightness", Corpus = TestNode.Corpus });
        await (await node.Workers.NextAsync()).CompleteAsync();
        await node.Client.Models.PromoteAsync("m", new Promote { RunId = run.Id });
        node.Cropper.Crop = async (_, cancelled) =>
        {
            await Task.Delay(Timeout.Infinite, cancelled);
            throw new InvalidOperationException();
        };
        Assert.Equal("timed-out", (await Assert.ThrowsAsync<LipSolRefusedException>(() => node.Client.Transcriptions.TranscribeAsync(new MemoryStream([1]), "x.mp4"))).Reason);
    }

    [Theory]
    [InlineData("text", "نہیں\n")]
    [InlineData("srt", "1\r\n00:00:00,000 --> 00:00:00,800\r\nنہیں\r\n\r\n")]
    public async Task Text_and_subtitles_come_as_such(string format, string expected)
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "کلپ.npz");
        await File.WriteAllBytesAsync(file, MouthClipFile.ToBytes(BrightnessModel.Clip(250)));
        Assert.Equal(expected, await transcriptions.SubtitleAsync(file, format));
        Assert.StartsWith("WEBVTT\n\nNOTE urdu-words version 1", await transcriptions.SubtitleAsync(file, "vtt"));
        await Assert.ThrowsAsync<LipSolRefusedException>(() => transcriptions.SubtitleAsync(file, "docx"));
    }

    [Fact]
    public async Task The_accept_header_chooses_the_format_too()
    {
        using var answer = await SendAsync(Form(("mouthClip", "x.npz", MouthClipFile.ToBytes(BrightnessModel.Clip(250)))), "text/vtt");
        Assert.Equal("text/vtt", answer.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task Other_bodies_are_refused_with_what_to_send()
    {
        using var json = await SendAsync(new StringContent("{}", Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, json.StatusCode);
        using var none = await SendAsync(Form());
        Assert.Equal(HttpStatusCode.BadRequest, none.StatusCode);
        Assert.Contains("mouthClip", await none.Content.ReadAsStringAsync());
        using var two = await SendAsync(Form(("clip", "a.mp4", [1]), ("clip", "b.mp4", [1])));
        Assert.Equal(HttpStatusCode.BadRequest, two.StatusCode);
        using var torn = await SendAsync(new ByteArrayContent("--x\r\nContent-Disposition: form-data; name=\"clip\"; filename=\"a.mp4\"\r\n\r\nabc"u8.ToArray()) { Headers = { ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=x") } });
        Assert.Equal(HttpStatusCode.BadRequest, torn.StatusCode);
    }

    [Theory]
    [InlineData("grammar", HttpStatusCode.UnprocessableEntity, "no-such-decoder")] // it reads words
    [InlineData("viterbi", HttpStatusCode.BadRequest, "bad-request")]
    public async Task A_decoder_that_the_model_does_not_have_is_refused(string decoder, HttpStatusCode status, string reason)
    {
        var clip = new MemoryStream(MouthClipFile.ToBytes(BrightnessModel.Clip(250)), writable: false);
        var refused = await Assert.ThrowsAnyAsync<LipSolException>(() => transcriptions.TranscribeAsync(clip, "clip.npz", new TranscriptionOptions { Decoder = decoder }));
        Assert.Equal((status, reason), (refused.Status!.Value, refused.Reason!));
    }

    [Fact]
    public async Task A_model_that_is_not_there_is_said()
    {
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => ReadAsync(BrightnessModel.Clip(0), new TranscriptionOptions { Model = "none" }));
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => ReadAsync(BrightnessModel.Clip(0), new TranscriptionOptions { Model = NodeFixture.Model, Version = 7 }));
        await using var node = await TestNode.StartAsync();
        var refusal = await Assert.ThrowsAsync<LipSolNotFoundException>(() => node.Client.Transcriptions.TranscribeAsync(new MemoryStream(MouthClipFile.ToBytes(BrightnessModel.Clip(0))), "x.npz"));
        Assert.Equal("no-model", refusal.Reason);
    }

    [Fact]
    public async Task More_uploads_than_the_node_takes_are_told_to_come_back_and_the_others_are_read()
    {
        await using var node = await TestNode.StartAsync(o => o with { Uploads = o.Uploads with { Concurrent = 1, Waiting = 1 } });
        node.AddCorpus();
        var run = await node.Client.Runs.StartAsync(new StartRun { Network = "brightness", Corpus = TestNode.Corpus });
        await (await node.Workers.NextAsync()).CompleteAsync();
        await node.Client.Models.PromoteAsync("m", new Promote { RunId = run.Id });
        var release = new TaskCompletionSource();
        var entered = new TaskCompletionSource();
        var mouth = BrightnessModel.Clip(250);
        node.Cropper.Crop = async (_, _) =>
        {
            entered.TrySetResult();
            await release.Task;
            return new CroppedClip(MouthClipFile.ToBytes(mouth), mouth.Length, mouth.Length, 25);
        };
        var first = node.Client.Transcriptions.TranscribeAsync(new MemoryStream([1]), "x.mp4");
        await entered.Task;
        // One is worked on; of these two, one waits and one is turned away.
        var others = new[] { node.Client.Transcriptions.TranscribeAsync(new MemoryStream([1]), "x.mp4"), node.Client.Transcriptions.TranscribeAsync(new MemoryStream([1]), "x.mp4") };
        var turnedAway = await Task.WhenAny(others);
        var refusal = await Assert.ThrowsAsync<LipSolOverloadedException>(() => turnedAway);
        Assert.Equal(HttpStatusCode.TooManyRequests, refusal.Status);
        Assert.NotNull(refusal.RetryAfter);
        release.SetResult();
        Assert.Equal("نہیں", (await first).Text);
        Assert.Equal("نہیں", (await others.Single(o => o != turnedAway)).Text);
    }

    private Task<Transcription> ReadAsync(MouthClip clip, TranscriptionOptions? options = null) =>
        transcriptions.TranscribeAsync(new MemoryStream(MouthClipFile.ToBytes(clip)), "x.npz", options);

    private Task<HttpResponseMessage> SendAsync(HttpContent content, string? accept = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/transcriptions") { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", fixture.Node.Token);
        if (accept is not null) request.Headers.Accept.ParseAdd(accept);
        return fixture.Node.Http.SendAsync(request);
    }

    private static MultipartFormDataContent Form(params (string Name, string FileName, byte[] Content)[] parts)
    {
        var form = new MultipartFormDataContent();
        foreach (var part in parts) form.Add(new ByteArrayContent(part.Content), part.Name, part.FileName);
        if (parts.Length == 0) form.Add(new StringContent("json"), "format");
        return form;
    }
}
