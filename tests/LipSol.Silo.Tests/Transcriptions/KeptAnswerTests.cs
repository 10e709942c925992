using System.Net;
using System.Net.Http.Headers;
using LipSol.Client;
using LipSol.Clips;
using LipSol.Inference.Tests.Networks;
using LipSol.Silo.Tests.Nodes;
using LipSol.Silo.Transcriptions;
using LipSol.Storage;
using LipSol.Testing.Cluster.Processes;
using Microsoft.Extensions.DependencyInjection;

namespace LipSol.Silo.Tests.Transcriptions;

/// <summary>Answers can be fetched by their id for as long as the node keeps them; nothing of the video is.</summary>
[Collection("uploads")]
public sealed class KeptAnswerTests(NodeFixture fixture)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly byte[] Mouth = MouthClipFile.ToBytes(BrightnessModel.Clip(250));

    [Fact]
    public async Task An_answer_is_fetched_by_its_id_as_it_was_given()
    {
        var read = await ReadAsync(fixture.Client);
        Assert.InRange(read.KeptUntil!.Value, DateTimeOffset.UtcNow.AddHours(23), DateTimeOffset.UtcNow.AddHours(25));
        var kept = await fixture.Client.Transcriptions.GetAsync(read.Id);
        Assert.Equal((TranscriptionState.Done, 1.0, "test", read.KeptUntil), (kept.State, kept.Progress, kept.Node, kept.KeptUntil));
        Assert.Equivalent(read, kept.Transcription, strict: true);
        Assert.Equal(await fixture.Client.Transcriptions.SubtitleAsync(new MemoryStream(Mouth), "x.npz", "srt"), await fixture.Client.Transcriptions.GetSubtitlesAsync(read.Id, "srt"));
        Assert.Equal("نہیں\n", await fixture.Client.Transcriptions.GetSubtitlesAsync(read.Id, "text"));
    }

    [Fact]
    public async Task A_text_says_where_what_stands_behind_it_is()
    {
        using var form = new MultipartFormDataContent { { new ByteArrayContent(Mouth), "mouthClip", "x.npz" } };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/transcriptions?format=text") { Content = form };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", fixture.Node.Token);
        using var answer = await fixture.Node.Http.SendAsync(request);
        Assert.Equal("نہیں\n", await answer.Content.ReadAsStringAsync());
        var address = answer.Content.Headers.ContentLocation!.ToString();
        Assert.StartsWith("/api/v1/transcriptions/", address);
        Assert.Equal(fixture.RunId, (await fixture.Client.Transcriptions.GetAsync(address.Split('/')[^1])).Transcription!.Provenance.RunId);
    }

    [Fact]
    public async Task What_is_deleted_is_gone()
    {
        var read = await ReadAsync(fixture.Client);
        await fixture.Client.Transcriptions.DeleteAsync(read.Id);
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => fixture.Client.Transcriptions.GetAsync(read.Id));
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => fixture.Client.Transcriptions.DeleteAsync(read.Id));
        Assert.Null(await fixture.Node.Services.GetRequiredService<ITranscriptionStore>().FindAsync(read.Id, DateTimeOffset.MinValue));
    }

    [Fact]
    public async Task An_answer_is_its_tokens_and_the_admins_and_to_others_it_is_not_there()
    {
        using LipSolClient mine = await WithAsync("mine", TokenRole.Read), others = await WithAsync("others", TokenRole.Run), admin = await WithAsync("admin", TokenRole.Admin);
        var read = await ReadAsync(mine);
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "x.npz");
        await File.WriteAllBytesAsync(path, Mouth, TestContext.Current.CancellationToken);
        var batch = await mine.Transcriptions.StartBatchAsync([path]);
        foreach (var id in new[] { read.Id, batch.Transcriptions[0].Id })
        {
            var (none, refusal) = (TranscriptionKeeper.NewId(), await Assert.ThrowsAsync<LipSolNotFoundException>(() => others.Transcriptions.GetAsync(id)));
            Assert.Equal((await Assert.ThrowsAsync<LipSolNotFoundException>(() => others.Transcriptions.GetAsync(none))).Message.Replace(none, id, StringComparison.Ordinal), refusal.Message);
            await Assert.ThrowsAsync<LipSolNotFoundException>(() => others.Transcriptions.CancelAsync(id));
            await Assert.ThrowsAsync<LipSolNotFoundException>(() => others.Transcriptions.DeleteAsync(id));
        }
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => others.Transcriptions.GetBatchAsync(batch.Id));
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => others.Transcriptions.CancelBatchAsync(batch.Id));

        Assert.Equal(TranscriptionState.Done, (await mine.Transcriptions.WaitAsync(batch.Transcriptions[0].Id).WaitAsync(Patience)).State);
        foreach (var client in new[] { mine, admin, fixture.Client })
        {
            Assert.Equal(read.Text, (await client.Transcriptions.GetAsync(read.Id)).Transcription!.Text);
            Assert.Single((await client.Transcriptions.GetBatchAsync(batch.Id)).Transcriptions);
        }
        await admin.Transcriptions.DeleteAsync(batch.Transcriptions[0].Id);
        await mine.Transcriptions.DeleteAsync(read.Id);
        // One from before transcriptions had owners belongs to whoever knows its id.
        var (store, now) = (fixture.Node.Services.GetRequiredService<ITranscriptionStore>(), DateTimeOffset.UtcNow);
        var old = new StoredTranscription { Id = TranscriptionKeeper.NewId(), State = "cancelled", Node = "test", Incarnation = "x", CreatedAt = now, RenewedAt = now, ExpiresAt = now.AddHours(1), Document = "" };
        await store.AddAsync([old]);
        Assert.Equal(TranscriptionState.Cancelled, (await others.Transcriptions.GetAsync(old.Id)).State);

        async Task<LipSolClient> WithAsync(string name, TokenRole role) =>
            new(new Uri(fixture.Node.Url), (await fixture.Client.Tokens.CreateAsync(new CreateToken { Name = $"answers-{name}", Role = role })).Token);
    }

    [Theory]
    [InlineData("0123456789abcdef0123456789abcdef")]
    [InlineData("none")]
    [InlineData("' OR 1=1 --")]
    public async Task An_id_that_there_is_not_is_said(string id)
    {
        Assert.Contains("--keep-answers", (await Assert.ThrowsAsync<LipSolNotFoundException>(() => fixture.Client.Transcriptions.GetAsync(id))).Message);
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => fixture.Client.Transcriptions.CancelAsync(id));
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => fixture.Client.Transcriptions.GetBatchAsync(id));
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => fixture.Client.Transcriptions.CancelBatchAsync(id));
    }

    [Fact]
    public async Task An_answer_that_has_expired_is_not_told_and_is_deleted()
    {
        await using var node = await ServingTestNode.StartAsync(o => o with { Uploads = o.Uploads with { KeepAnswers = TimeSpan.FromMilliseconds(300) } });
        var read = await ReadAsync(node.Client);
        await Eventually.FindAsync("end of the answer", Patience, async () =>
        {
            try
            {
                await node.Client.Transcriptions.GetAsync(read.Id);
                return null;
            }
            catch (LipSolNotFoundException e)
            {
                return e;
            }
        });
        var store = node.Services.GetRequiredService<ITranscriptionStore>();
        // Still in the table for someone who asks as of before, until it's swept.
        await node.Services.GetRequiredService<TranscriptionKeeper>().SweepAsync(TestContext.Current.CancellationToken);
        Assert.Null(await store.FindAsync(read.Id, DateTimeOffset.UnixEpoch));
    }

    [Fact]
    public async Task A_node_that_keeps_nothing_says_so_and_has_nothing_to_come_back_for()
    {
        await using var node = await ServingTestNode.StartAsync(o => o with { Uploads = o.Uploads with { KeepAnswers = TimeSpan.Zero } });
        var read = await ReadAsync(node.Client);
        Assert.Null(read.KeptUntil);
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => node.Client.Transcriptions.GetAsync(read.Id));
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "x.npz");
        await File.WriteAllBytesAsync(path, Mouth, TestContext.Current.CancellationToken);
        var refusal = await Assert.ThrowsAsync<LipSolRefusedException>(() => node.Client.Transcriptions.StartAsync(path));
        Assert.Equal((HttpStatusCode.Conflict, "not-kept"), (refusal.Status, refusal.Reason));
        // Whoever only prefers to come back gets the answer at once.
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/transcriptions") { Content = new ByteArrayContent(Mouth) { Headers = { ContentType = new MediaTypeHeaderValue("application/x-npz") } } };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", node.Token);
        request.Headers.Add("Prefer", "respond-async");
        using var answer = await node.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.OK, false), (answer.StatusCode, answer.Headers.Contains("Preference-Applied")));
        Assert.Contains(read.Text, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(node.DataFolder, "uploads")));
    }

    [Fact]
    public async Task The_mouth_clip_is_kept_for_those_who_ask_and_for_nobody_else()
    {
        fixture.Node.Cropper.Crop = (_, _) => Task.FromResult(new CroppedClip(Mouth, 20, 20, 25));
        var before = Stored();
        Assert.Null((await fixture.Client.Transcriptions.TranscribeAsync(new MemoryStream([1, 2, 3]), "x.mp4")).MouthClip);
        Assert.Equal(before, Stored());
        var read = await fixture.Client.Transcriptions.TranscribeAsync(new MemoryStream([1, 2, 3]), "x.mp4", new TranscriptionOptions { KeepClip = true });
        Assert.Equal(Mouth, fixture.Node.Artifacts.ReadBytes(read.MouthClip!));
        Assert.Equal(read.MouthClip, (await fixture.Client.Transcriptions.GetAsync(read.Id)).Transcription!.MouthClip);
        // Its mouth clip, not the video.
        Assert.Equal(before + 1, Stored());
        fixture.Node.Artifacts.Remove(read.MouthClip!);

        int Stored() => Directory.EnumerateFiles(Path.Combine(fixture.Node.DataFolder, "artifacts"), "*", SearchOption.AllDirectories).Count();
    }

    [Fact]
    public async Task What_a_node_that_is_gone_had_under_way_says_failed_with_a_reason()
    {
        var (store, now) = (fixture.Node.Services.GetRequiredService<ITranscriptionStore>(), DateTimeOffset.UtcNow);
        var left = new StoredTranscription { Id = TranscriptionKeeper.NewId(), Batch = TranscriptionKeeper.NewId(), State = "cropping", Node = "another", Incarnation = "x", CreatedAt = now.AddMinutes(-1), RenewedAt = now.AddSeconds(-20) };
        await store.AddAsync([left]);
        Assert.Equal(TranscriptionState.Cropping, (await fixture.Client.Transcriptions.GetAsync(left.Id)).State);
        await store.AdvanceAsync(left.Id, "cropping", 0.5, now.AddSeconds(-31));
        var found = await fixture.Client.Transcriptions.GetAsync(left.Id);
        Assert.Equal((TranscriptionState.Failed, "node-gone", 503), (found.State, found.Problem!.Reason, found.Problem.Status));
        Assert.Contains("Send the clip again", found.Problem.Detail);
        Assert.Equal((1, 1), (await fixture.Client.Transcriptions.GetBatchAsync(left.Batch!)) is { } batch ? (batch.Ended, batch.Failed) : default);
    }

    private static Task<Transcription> ReadAsync(LipSolClient client) => client.Transcriptions.TranscribeAsync(new MemoryStream(Mouth), "x.npz");
}
