using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using LipSol.Client;
using LipSol.Silo.Tests.Nodes;

namespace LipSol.Silo.Tests.Artifacts;

/// <summary>Files that are taken into the artifact store.</summary>
public sealed class UploadTests : IAsyncLifetime
{
    private const int Most = 300_000;
    private TestNode node = null!;

    public async ValueTask InitializeAsync() => node = await TestNode.StartAsync(options => options with { ArtifactBytes = Most });

    public ValueTask DisposeAsync() => node.DisposeAsync();

    [Fact]
    public async Task A_file_is_kept_under_its_hash_and_comes_back_byte_for_byte()
    {
        var bytes = Bytes(Most);
        var told = new List<long>();
        var stored = await node.Client.Artifacts.UploadAsync(new MemoryStream(bytes), new Recorder(told));
        Assert.Equal(new StoredArtifact(Md5(bytes), Most), stored);
        Assert.Equal(bytes, await node.Client.Artifacts.GetAsync(stored.Hash));
        Assert.Equal(Most, told.Last());
        Assert.Equal(stored, await node.Client.Artifacts.UploadAsync(new MemoryStream(bytes)));
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task A_stream_of_unknown_length_is_taken_too()
    {
        var bytes = Bytes(70_000);
        using var pipe = new NotSeekable(bytes);
        Assert.Equal(new StoredArtifact(Md5(bytes), bytes.Length), await node.Client.Artifacts.UploadAsync(pipe));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task More_than_the_node_takes_in_is_refused_and_leaves_nothing(bool lengthIsSaid)
    {
        var bytes = Bytes(Most + 1);
        using Stream sent = lengthIsSaid ? new MemoryStream(bytes) : new NotSeekable(bytes);
        var refusal = await Assert.ThrowsAsync<LipSolRefusedException>(() => node.Client.Artifacts.UploadAsync(sent));
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "too-large"), (refusal.Status, refusal.Reason));
        Assert.False(node.Artifacts.Exists(Md5(bytes)));
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task What_arrives_changed_is_not_stored()
    {
        var bytes = Bytes(1000);
        var sent = bytes.ToArray();
        sent[500] ^= 1;
        Assert.Equal((422, "damaged"), await SendAsync(sent, Md5(bytes)));
        Assert.False(node.Artifacts.Exists(Md5(sent)));
        Assert.Equal((400, "bad-request"), await SendAsync(sent, "../../token"));
        Assert.Equal((400, "bad-request"), await SendAsync(sent, Md5(sent) + ".dir"));
        Assert.Equal((422, "empty"), await SendAsync([], null));
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task Nobody_stores_anything_without_the_token()
    {
        var answer = await node.Http.PostAsync("/api/v1/artifacts", new ByteArrayContent(Bytes(10)));
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.False(node.Artifacts.Exists(Md5(Bytes(10))));
    }

    private async Task<(int Status, string? Reason)> SendAsync(byte[] bytes, string? md5)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/artifacts" + (md5 is null ? "" : $"?md5={Uri.EscapeDataString(md5)}")) { Content = new ByteArrayContent(bytes) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", node.Token);
        var answer = await node.Http.SendAsync(request);
        return ((int)answer.StatusCode, (await answer.Content.ReadFromJsonAsync<Problem>(LipSolJson.Options))!.Reason);
    }

    private void AssertNothingIsLeft() => Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(node.DataFolder, "uploads")));

    private static byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        new Random(3).NextBytes(bytes);
        return bytes;
    }

    private static string Md5(byte[] bytes) => Convert.ToHexStringLower(MD5.HashData(bytes));

    private sealed class Recorder(List<long> told) : IProgress<TransferProgress>
    {
        public void Report(TransferProgress value) => told.Add(value.Done);
    }

    /// <summary>What comes through a pipe: it can be read once, and nobody knows how much comes.</summary>
    private sealed class NotSeekable(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
