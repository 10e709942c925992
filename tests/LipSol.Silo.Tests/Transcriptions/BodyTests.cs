using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using LipSol.Client;
using LipSol.Clips;
using LipSol.Inference.Tests.Networks;
using LipSol.Silo.Tests.Nodes;
using LipSol.Silo.Transcriptions;

namespace LipSol.Silo.Tests.Transcriptions;

/// <summary>A clip may come as the body itself, in chunks, or as its pictures; the limits hold however it comes.</summary>
[Collection("uploads")]
public sealed class BodyTests : IDisposable
{
    private static readonly byte[] Mouth = MouthClipFile.ToBytes(BrightnessModel.Clip(250));
    private readonly NodeFixture fixture;

    public BodyTests(NodeFixture fixture)
    {
        this.fixture = fixture;
        fixture.Node.Cropper.Crop = (_, _) => Task.FromResult(new CroppedClip(Mouth, 20, 20, 25));
    }

    public void Dispose() => Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(fixture.Node.DataFolder, "uploads")));

    [Theory]
    [InlineData("video/mp4")]
    [InlineData("video/webm;codecs=vp8")]
    [InlineData("application/octet-stream")]
    public async Task A_video_may_be_the_body_itself(string type)
    {
        string? given = null;
        fixture.Node.Cropper.Crop = async (path, cancelled) =>
        {
            given = await File.ReadAllTextAsync(path, cancelled);
            return new CroppedClip(Mouth, 20, 20, 25);
        };
        using var answer = await SendAsync("?format=srt&start=0.0&end=0.8", type, new ByteArrayContent("a video"u8.ToArray()));
        Assert.Equal((HttpStatusCode.OK, "application/x-subrip"), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        Assert.Contains("00:00:00,000 --> 00:00:00,800\r\nنہیں", await answer.Content.ReadAsStringAsync());
        Assert.Equal("a video", given);
    }

    [Fact]
    public async Task So_may_a_mouth_clip_in_chunks_of_a_length_that_nobody_says()
    {
        using var answer = await SendAsync("", "application/x-npz", new Chunks(Mouth));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("نہیں", (await answer.Content.ReadFromJsonAsync<Transcription>(LipSolJson.Options))!.Text);
    }

    [Fact]
    public async Task A_body_is_limited_as_a_part_is_also_where_it_does_not_say_its_length()
    {
        fixture.Node.Cropper.Paths.Clear();
        foreach (var content in new HttpContent[] { new ByteArrayContent(new byte[(1 << 20) + (1 << 17)]), new Chunks(new byte[(1 << 20) + 1]) })
        {
            using var answer = await SendAsync("", "video/mp4", content);
            await ProblemAsync(answer, HttpStatusCode.RequestEntityTooLarge, "too-large", "1 MB");
        }
        Assert.Empty(fixture.Node.Cropper.Paths);
        using var empty = await SendAsync("", "video/mp4", new ByteArrayContent([]));
        await ProblemAsync(empty, HttpStatusCode.UnprocessableEntity, "empty", "0 bytes");
    }

    [Fact]
    public async Task Who_sends_far_too_much_reads_why()
    {
        foreach (var content in new HttpContent[] { new ByteArrayContent(new byte[100 << 20]), new Chunks(new byte[4 << 20]) })
        {
            using var answer = await SendAsync("", "video/mp4", content);
            await ProblemAsync(answer, HttpStatusCode.RequestEntityTooLarge, "too-large", "1 MB");
        }
    }

    [Theory]
    [InlineData(17, 10)]
    [InlineData(1, 20_000)]
    public async Task A_part_of_many_or_long_headers_is_not_well_formed_rather_than_too_large(int headers, int length)
    {
        var part = new ByteArrayContent([1]);
        for (var i = 0; i < headers; i++) part.Headers.Add($"X-Header-{i}", new string('x', length));
        using var form = new MultipartFormDataContent { { part, "clip", "a.mp4" } };
        using var answer = await PostAsync("", form);
        await ProblemAsync(answer, HttpStatusCode.BadRequest, "bad-request", "isn't well-formed");
    }

    [Fact]
    public async Task A_part_is_limited_also_where_it_does_not_say_its_length()
    {
        using var form = new MultipartFormDataContent { { new Chunks(new byte[(1 << 20) + 1]), "clip", "a.mp4" } };
        using var answer = await PostAsync("", form);
        await ProblemAsync(answer, HttpStatusCode.RequestEntityTooLarge, "too-large", "The clip is larger than the 1 MB");
    }

    [Theory]
    [InlineData("?version=x", "version")]
    [InlineData("?start=soon", "start")]
    [InlineData("?keep=everything", "keep")]
    [InlineData("?async=perhaps", "async")]
    [InlineData("?format=docx", "format")]
    public async Task Fields_in_the_address_are_checked_as_parts_are(string query, string named)
    {
        using var answer = await SendAsync(query, "video/mp4", new ByteArrayContent([1]));
        await ProblemAsync(answer, HttpStatusCode.BadRequest, "bad-request", named);
    }

    [Theory]
    [InlineData("image/png")]
    [InlineData("text/plain")]
    [InlineData("application/json")]
    public async Task Another_body_is_refused_with_what_to_send(string type)
    {
        using var answer = await SendAsync("", type, new ByteArrayContent([1]));
        await ProblemAsync(answer, HttpStatusCode.UnsupportedMediaType, "not-a-clip", "framesPerSecond");
    }

    [Fact]
    public async Task Pictures_reach_the_cropper_in_the_order_in_which_they_were_sent()
    {
        string[] names = [];
        int[] firsts = [];
        fixture.Node.Cropper.Crop = async (path, cancelled) =>
        {
            var files = Directory.GetFiles(path).Order(StringComparer.Ordinal).ToArray();
            names = [.. files.Select(f => Path.GetFileName(f)!)];
            firsts = [.. await Task.WhenAll(files.Select(async f => (int)(await File.ReadAllBytesAsync(f, cancelled))[^1]))];
            return new CroppedClip(Mouth, 20, 20, 12.5);
        };
        using var form = new MultipartFormDataContent { { new StringContent("12.5"), "framesPerSecond" } };
        foreach (var n in new[] { 3, 1, 2 }) form.Add(new ByteArrayContent(n == 1 ? Jpeg(64, 48, n) : Png(64, 48, n)), "frames", $"../../{9 - n}.png");
        using var answer = await PostAsync("", form);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(["000001.png", "000002.jpg", "000003.png"], names);
        Assert.Equal([3, 1, 2], firsts);
        Assert.Equal(12.5, fixture.Node.Cropper.Last!.PicturesPerSecond);
    }

    [Fact]
    public async Task Pictures_are_limited_before_anything_decodes_them()
    {
        fixture.Node.Cropper.Paths.Clear();
        await RefusedAsync(HttpStatusCode.RequestEntityTooLarge, "too-large", "60000×60000 pixels", Png(64, 48, 1), Png(60000, 60000, 1));
        await RefusedAsync(HttpStatusCode.RequestEntityTooLarge, "too-large", "65000×65000 pixels", Jpeg(65000, 65000, 1));
        await RefusedAsync(HttpStatusCode.RequestEntityTooLarge, "too-large", "1 MB", [.. Png(64, 48, 1), .. new byte[600_000]], [.. Png(64, 48, 1), .. new byte[600_000]]);
        await RefusedAsync(HttpStatusCode.UnprocessableEntity, "undecodable", "Picture 2 is neither", Png(64, 48, 1), "GIF89a and more than that"u8.ToArray());
        await RefusedAsync(HttpStatusCode.UnprocessableEntity, "undecodable", "Picture 1 is neither", [0xFF, 0xD8, 0xFF]);
        await RefusedAsync(HttpStatusCode.UnprocessableEntity, "empty", "0 bytes", [[]]);
        Assert.Empty(fixture.Node.Cropper.Paths);
    }

    [Theory]
    [InlineData(null, "framesPerSecond")]
    [InlineData("0", "from 1 to 240")]
    [InlineData("NaN", "from 1 to 240")]
    [InlineData("1000", "from 1 to 240")]
    public async Task Pictures_need_a_rate(string? rate, string words)
    {
        using var form = new MultipartFormDataContent { { new ByteArrayContent(Png(64, 48, 1)), "frames", "1.png" } };
        if (rate is not null) form.Add(new StringContent(rate), "framesPerSecond");
        using var answer = await PostAsync("", form);
        await ProblemAsync(answer, HttpStatusCode.BadRequest, "bad-request", words);
    }

    [Fact]
    public async Task More_pictures_than_the_longest_clip_has_are_refused_while_they_arrive()
    {
        await using var node = await TestNode.StartAsync(o => o with { Uploads = o.Uploads with { Seconds = 0.1 } });
        using var form = new MultipartFormDataContent { { new StringContent("25"), "framesPerSecond" } };
        for (var i = 0; i < 30; i++) form.Add(new ByteArrayContent(Png(8, 8, i)), "frames", $"{i}.png");
        using var answer = await PostAsync("", form, node);
        await ProblemAsync(answer, HttpStatusCode.UnprocessableEntity, "too-long", "More than 24 pictures");
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(node.DataFolder, "uploads")));
    }

    private async Task RefusedAsync(HttpStatusCode status, string reason, string words, params byte[][] pictures)
    {
        using var form = new MultipartFormDataContent { { new StringContent("25"), "framesPerSecond" } };
        foreach (var picture in pictures) form.Add(new ByteArrayContent(picture), "frames", "x.png");
        using var answer = await PostAsync("", form);
        await ProblemAsync(answer, status, reason, words);
    }

    private static async Task ProblemAsync(HttpResponseMessage answer, HttpStatusCode status, string reason, string words)
    {
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = (await answer.Content.ReadFromJsonAsync<Problem>(LipSolJson.Options))!;
        Assert.Equal((status, reason), (answer.StatusCode, problem.Reason));
        Assert.Contains(words, problem.Detail);
    }

    private Task<HttpResponseMessage> SendAsync(string query, string type, HttpContent content)
    {
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        return PostAsync(query, content);
    }

    private Task<HttpResponseMessage> PostAsync(string query, HttpContent content, TestNode? to = null)
    {
        var node = to ?? fixture.Node;
        var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/transcriptions" + query) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", node.Token);
        return node.Http.SendAsync(request);
    }

    // Headers are all that is looked at here; the last byte tells them apart.
    private static byte[] Png(int width, int height, int mark) =>
        [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10, 0, 0, 0, 13, .. "IHDR"u8, .. BigEndian(width, 4), .. BigEndian(height, 4), 8, 2, 0, 0, 0, (byte)mark];

    private static byte[] Jpeg(int width, int height, int mark) =>
        [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 2, 0xFF, 0xFF, 0xC0, 0, 17, 8, .. BigEndian(height, 2), .. BigEndian(width, 2), 3, (byte)mark];

    private static byte[] BigEndian(int value, int bytes) => [.. Enumerable.Range(0, bytes).Select(i => (byte)(value >> (8 * (bytes - 1 - i))))];

    /// <summary>Bytes that don't say how many they are.</summary>
    private sealed class Chunks(byte[] bytes) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            foreach (var chunk in bytes.Chunk(10_000)) await stream.WriteAsync(chunk);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
