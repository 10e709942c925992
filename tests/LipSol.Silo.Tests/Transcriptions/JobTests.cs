using System.Net;
using System.Net.Http.Headers;
using LipSol.Client;
using LipSol.Clips;
using LipSol.Contracts.Serving;
using LipSol.Inference.Tests.Networks;
using LipSol.Silo.Tests.Nodes;
using LipSol.Silo.Transcriptions;
using LipSol.Storage;
using LipSol.Testing.Cluster.Processes;
using Microsoft.Extensions.DependencyInjection;

namespace LipSol.Silo.Tests.Transcriptions;

/// <summary>Clips whose answers are fetched later, one by one or several at once.</summary>
public sealed class JobTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly byte[] Mouth = MouthClipFile.ToBytes(BrightnessModel.Clip(250));
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_clip_sent_for_later_tells_how_far_it_is_and_then_what_was_read()
    {
        await using var node = await ServingTestNode.StartAsync();
        var (order, release) = Hold(node);
        using var answer = await SendAsync(node, "?async=true", null);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);
        var id = answer.Headers.Location!.ToString().Split('/')[^1];
        var asked = await order.Task.WaitAsync(Patience);
        Assert.True(asked.Bulk);
        asked.Progress!(0.4);
        var halfway = await UntilAsync(node.Client, id, j => j.Progress > 0);
        Assert.Equal((TranscriptionState.Cropping, 0.4, (DateTimeOffset?)null), (halfway.State, halfway.Progress, halfway.KeptUntil));
        var early = await Assert.ThrowsAsync<LipSolRefusedException>(() => node.Client.Transcriptions.GetSubtitlesAsync(id, "srt"));
        Assert.Equal((HttpStatusCode.Conflict, "not-done"), (early.Status, early.Reason));
        release.SetResult();
        var done = await node.Client.Transcriptions.WaitAsync(id).WaitAsync(Patience);
        Assert.Equal((TranscriptionState.Done, "نہیں", id), (done.State, done.Transcription!.Text, done.Transcription.Id));
        Assert.Equal(done.KeptUntil!.Value.ToUnixTimeMilliseconds(), done.Transcription.KeptUntil!.Value.ToUnixTimeMilliseconds());
        Assert.Contains("queue", done.Transcription.Provenance.Milliseconds.Keys);
        Assert.Contains("-->", await node.Client.Transcriptions.GetSubtitlesAsync(id, "srt"));
        AssertNothingIsLeft(node);
    }

    [Fact]
    public async Task The_header_Prefer_asks_for_it_too()
    {
        await using var node = await ServingTestNode.StartAsync();
        node.Cropper.Crop = (_, _) => Task.FromResult(new CroppedClip(Mouth, 20, 20, 25));
        using var answer = await SendAsync(node, "", "respond-async, wait=10");
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal("respond-async", answer.Headers.GetValues("Preference-Applied").Single());
        Assert.Equal(TranscriptionState.Done, (await node.Client.Transcriptions.WaitAsync(answer.Headers.Location!.ToString().Split('/')[^1]).WaitAsync(Patience)).State);
    }

    [Fact]
    public async Task One_that_the_network_has_no_time_for_is_read_again_and_not_cropped_again()
    {
        var busy = new BusyReader(times: 2);
        await using var node = await ServingTestNode.StartAsync(add: services => services.AddSingleton<IOutgoingGrainCallFilter>(busy));
        node.Cropper.Crop = (_, _) => Task.FromResult(new CroppedClip(Mouth, 20, 20, 25));
        var job = await node.Client.Transcriptions.StartAsync(Clip("a.mp4"));
        Assert.Equal(TranscriptionState.Done, (await node.Client.Transcriptions.WaitAsync(job.Id).WaitAsync(Patience)).State);
        Assert.Equal((3, 1), (busy.Asked, node.Cropper.Paths.Count));
    }

    [Fact]
    public async Task One_that_cannot_be_read_fails_with_the_reason_it_would_have_had()
    {
        await using var node = await ServingTestNode.StartAsync();
        node.Cropper.Crop = (_, _) => throw new UnusableClipException(UnusableReason.NoFace, "No face in 80 % of its 75 frames. Show the whole face.");
        var job = await node.Client.Transcriptions.StartAsync(Clip("a.mp4"));
        var failed = await node.Client.Transcriptions.WaitAsync(job.Id).WaitAsync(Patience);
        Assert.Equal((TranscriptionState.Failed, 422, "no-face"), (failed.State, failed.Problem!.Status, failed.Problem.Reason));
        Assert.Contains("Show the whole face", failed.Problem.Detail);
        AssertNothingIsLeft(node);
    }

    [Fact]
    public async Task One_that_is_cancelled_stops_at_once_and_its_place_is_free()
    {
        await using var node = await ServingTestNode.StartAsync();
        var (order, _) = Hold(node);
        var job = await node.Client.Transcriptions.StartAsync(Clip("a.mp4"));
        await order.Task.WaitAsync(Patience);
        await node.Client.Transcriptions.CancelAsync(job.Id);
        var ended = await node.Client.Transcriptions.WaitAsync(job.Id).WaitAsync(Patience);
        Assert.Equal(TranscriptionState.Cancelled, ended.State);
        Assert.Null(ended.Problem);
        // Once more changes nothing.
        Assert.Equal(TranscriptionState.Cancelled, (await node.Client.Transcriptions.CancelAsync(job.Id)).State);
        AssertNothingIsLeft(node);
        node.Cropper.Crop = (_, _) => Task.FromResult(new CroppedClip(Mouth, 20, 20, 25));
        Assert.Equal("نہیں", (await node.Client.Transcriptions.TranscribeAsync(Clip("a.mp4"))).Text);
    }

    [Fact]
    public async Task One_that_waits_for_its_turn_ends_at_once_when_it_is_cancelled_or_deleted_and_its_place_and_its_disk_are_free()
    {
        await using var node = await ServingTestNode.StartAsync(o => o with { Uploads = o.Uploads with { Jobs = 8 } });
        var (order, release) = Hold(node);
        var sent = (await node.Client.Transcriptions.StartBatchAsync([.. Enumerable.Range(0, 8).Select(i => Clip($"{i}.mp4"))])).Transcriptions;
        await order.Task.WaitAsync(Patience);
        // At most four are worked on at once, and these never come to be.
        Assert.Equal(TranscriptionState.Cancelled, (await node.Client.Transcriptions.CancelAsync(sent[7].Id)).State);
        await node.Client.Transcriptions.DeleteAsync(sent[6].Id);
        Assert.Equal(6, Uploads());
        var next = await node.Client.Transcriptions.StartBatchAsync([Clip("a.mp4"), Clip("b.mp4")]);
        await Assert.ThrowsAsync<LipSolOverloadedException>(() => node.Client.Transcriptions.StartAsync(Clip("c.mp4")));
        // So does one whose end is asked for on another node.
        await node.Services.GetRequiredService<ITranscriptionStore>().AskForEndAsync(sent[5].Id, TestContext.Current.CancellationToken);
        Assert.Equal(TranscriptionState.Cancelled, (await node.Client.Transcriptions.WaitAsync(sent[5].Id).WaitAsync(Patience)).State);
        Assert.Equal(7, Uploads());
        release.SetResult();
        foreach (var job in sent.Take(5).Concat(next.Transcriptions)) Assert.Equal(TranscriptionState.Done, (await node.Client.Transcriptions.WaitAsync(job.Id).WaitAsync(Patience)).State);
        Assert.Equal(7, node.Cropper.Paths.Count);
        AssertNothingIsLeft(node);

        int Uploads() => Directory.EnumerateFileSystemEntries(Path.Combine(node.DataFolder, "uploads")).Count();
    }

    [Fact]
    public async Task One_that_is_deleted_while_it_is_worked_on_leaves_nothing()
    {
        await using var node = await ServingTestNode.StartAsync();
        var (order, _) = Hold(node);
        var job = await node.Client.Transcriptions.StartAsync(Clip("a.mp4"));
        await order.Task.WaitAsync(Patience);
        await node.Client.Transcriptions.DeleteAsync(job.Id);
        await Eventually.TrueAsync("end of its upload", Patience, () => !Directory.EnumerateFileSystemEntries(Path.Combine(node.DataFolder, "uploads")).Any());
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => node.Client.Transcriptions.GetAsync(job.Id));
    }

    [Fact]
    public async Task More_than_the_node_takes_are_told_to_come_back()
    {
        await using var node = await ServingTestNode.StartAsync(o => o with { Uploads = o.Uploads with { Jobs = 2 } });
        var (_, release) = Hold(node);
        var first = await node.Client.Transcriptions.StartAsync(Clip("a.mp4"));
        await Assert.ThrowsAsync<LipSolOverloadedException>(() => node.Client.Transcriptions.StartBatchAsync([Clip("b.mp4"), Clip("c.mp4")]));
        var second = await node.Client.Transcriptions.StartAsync(Clip("b.mp4"));
        await Assert.ThrowsAsync<LipSolOverloadedException>(() => node.Client.Transcriptions.StartAsync(Clip("c.mp4")));
        release.SetResult();
        foreach (var job in new[] { first, second }) Assert.Equal(TranscriptionState.Done, (await node.Client.Transcriptions.WaitAsync(job.Id).WaitAsync(Patience)).State);
        Assert.Equal(TranscriptionState.Done, (await node.Client.Transcriptions.WaitAsync((await node.Client.Transcriptions.StartAsync(Clip("c.mp4"))).Id).WaitAsync(Patience)).State);
        AssertNothingIsLeft(node);
    }

    [Fact]
    public async Task Of_a_batch_each_is_answered_by_itself()
    {
        await using var node = await ServingTestNode.StartAsync(o => o with { Uploads = o.Uploads with { Bytes = 200_000 } });
        node.Cropper.Crop = async (path, cancelled) => (await File.ReadAllBytesAsync(path, cancelled)).Length > 1000 ? throw new UnusableClipException(UnusableReason.NoFace, "No face.") : new CroppedClip(Mouth, 20, 20, 25);
        string[] paths = [Clip("good.mp4"), Write("faceless.mp4", new byte[2000]), Write("mouth.npz", Mouth), Write("damaged.npz", Mouth[..^200]), Write("huge.mp4", new byte[300_000]), Write("empty.mp4", []), Clip("another.mp4")];
        var batch = await node.Client.Transcriptions.StartBatchAsync(paths);
        Assert.Equal(7, batch.Transcriptions.Count);
        while (!batch.HasEnded)
        {
            await Task.Delay(50, TestContext.Current.CancellationToken);
            batch = await node.Client.Transcriptions.GetBatchAsync(batch.Id);
        }
        Assert.Equal((7, 4, 1.0), (batch.Ended, batch.Failed, batch.Progress));
        Assert.Equal(["نہیں", "no-face", "نہیں", "undecodable", "too-large", "empty", "نہیں"], batch.Transcriptions.Select(t => t.Transcription?.Text ?? t.Problem!.Reason));
        Assert.Equal(413, batch.Transcriptions[4].Problem!.Status);
        Assert.All(batch.Transcriptions, t => Assert.Equal(batch.Id, t.Batch));
        AssertNothingIsLeft(node);
    }

    [Fact]
    public async Task The_client_gives_each_clip_of_several_as_it_ends_and_cancels_the_others_when_it_is_left()
    {
        await using var node = await ServingTestNode.StartAsync();
        node.Cropper.Crop = async (path, cancelled) =>
        {
            if (await File.ReadAllTextAsync(path, cancelled) == "slow.mp4") await Task.Delay(Timeout.Infinite, cancelled);
            return new CroppedClip(Mouth, 20, 20, 25);
        };
        var shares = new List<double>();
        var read = new List<ReadClip>();
        await foreach (var clip in node.Client.Transcriptions.TranscribeAllAsync([Clip("a.mp4"), Clip("b.mp4")], progress: new Heard(shares))) read.Add(clip);
        Assert.Equal([0, 1], read.Select(r => r.Place).Order());
        Assert.All(read, r => Assert.Equal("نہیں", r.Job.Transcription!.Text));
        Assert.Equal(1, shares[^1]);
        await foreach (var clip in node.Client.Transcriptions.TranscribeAllAsync([Clip("c.mp4"), Clip("slow.mp4"), Clip("slow.mp4")]))
        {
            Assert.Equal(0, clip.Place);
            break;
        }
        await Eventually.TrueAsync("end of what was cancelled", Patience, () => !Directory.EnumerateFileSystemEntries(Path.Combine(node.DataFolder, "uploads")).Any());
    }

    [Fact]
    public async Task More_clips_or_bytes_than_a_batch_may_have_are_refused()
    {
        await using var node = await ServingTestNode.StartAsync(o => o with { Uploads = o.Uploads with { BatchClips = 2, BatchBytes = 100_000 } });
        Assert.Contains("More than 2 clips", (await Assert.ThrowsAsync<LipSolRefusedException>(() => node.Client.Transcriptions.StartBatchAsync([Clip("a.mp4"), Clip("b.mp4"), Clip("c.mp4")]))).Message);
        var refusal = await Assert.ThrowsAsync<LipSolRefusedException>(() => node.Client.Transcriptions.StartBatchAsync([Write("d.mp4", new byte[60_000]), Write("e.mp4", new byte[60_000])]));
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "too-large"), (refusal.Status, refusal.Reason));
        AssertNothingIsLeft(node);
    }

    [Fact]
    public async Task What_somebody_waits_for_goes_before_what_nobody_does()
    {
        var turns = new LipSol.Silo.Workers.Turns(1);
        await turns.WaitAsync(inBulk: false, TestContext.Current.CancellationToken);
        using var gone = new CancellationTokenSource();
        var bulk = turns.WaitAsync(inBulk: true, TestContext.Current.CancellationToken);
        var left = turns.WaitAsync(inBulk: false, gone.Token);
        var first = turns.WaitAsync(inBulk: false, TestContext.Current.CancellationToken);
        var second = turns.WaitAsync(inBulk: false, TestContext.Current.CancellationToken);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        foreach (var next in new[] { first, second, bulk })
        {
            Assert.False(next.IsCompleted);
            turns.Release();
            await next.WaitAsync(Patience, TestContext.Current.CancellationToken);
        }
        Assert.False(turns.TryTake());
        turns.Release();
        Assert.True(turns.TryTake());
    }

    [Fact]
    public async Task Another_node_of_the_cluster_tells_of_it_and_ends_it_and_a_node_that_stops_fails_what_it_had()
    {
        var first = await ServingTestNode.StartAsync(o => Join(o, "first", null));
        await using var second = await TestNode.StartAsync(o => Join(o, "second", first.DataFolder));
        var (order, _) = Hold(first);
        var cancelled = await first.Client.Transcriptions.StartAsync(Clip("a.mp4"));
        (await order.Task.WaitAsync(Patience)).Progress!(0.7);
        Assert.Equal(("first", TranscriptionState.Cropping), await UntilAsync(second.Client, cancelled.Id, j => j.Progress > 0) is { } there ? (there.Node, there.State) : default);
        await second.Client.Transcriptions.CancelAsync(cancelled.Id);
        Assert.Equal(TranscriptionState.Cancelled, (await second.Client.Transcriptions.WaitAsync(cancelled.Id).WaitAsync(Patience)).State);
        AssertNothingIsLeft(first);

        (order, _) = Hold(first);
        var left = await first.Client.Transcriptions.StartBatchAsync([Clip("b.mp4"), Clip("c.mp4"), Clip("d.mp4")]);
        await order.Task.WaitAsync(Patience);
        await first.DisposeAsync();
        var found = await second.Client.Transcriptions.GetBatchAsync(left.Id);
        Assert.All(found.Transcriptions, t => Assert.Equal((TranscriptionState.Failed, "node-gone"), (t.State, t.Problem!.Reason)));
        Assert.Contains("Node first was stopped", found.Transcriptions[0].Problem!.Detail);

        LipSol.Silo.Node.NodeOptions Join(LipSol.Silo.Node.NodeOptions options, string name, string? shared) => options with
        {
            Name = name, Join = $"Data Source={Path.Combine(folder.Path, "cluster.db")}", Advertise = IPAddress.Loopback, SharedFolder = shared,
        };
    }

    // Holds what is cropped until it's released; what is cancelled ends.
    private static (TaskCompletionSource<CropOrder> Order, TaskCompletionSource Release) Hold(TestNode node)
    {
        var (order, release) = (new TaskCompletionSource<CropOrder>(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        node.Cropper.Crop = async (_, cancelled) =>
        {
            order.TrySetResult(node.Cropper.Last!);
            await release.Task.WaitAsync(cancelled);
            return new CroppedClip(Mouth, 20, 20, 25);
        };
        return (order, release);
    }

    private static Task<TranscriptionJob> UntilAsync(LipSolClient client, string id, Func<TranscriptionJob, bool> so) =>
        Eventually.FindAsync("news of the transcription", Patience, async () => await client.Transcriptions.GetAsync(id) is { } job && so(job) ? job : null);

    private static void AssertNothingIsLeft(TestNode node) => Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(node.DataFolder, "uploads")));

    private string Clip(string name) => Write(name, System.Text.Encoding.UTF8.GetBytes(name));

    private string Write(string name, byte[] bytes)
    {
        var path = Path.Combine(folder.Path, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private static async Task<HttpResponseMessage> SendAsync(TestNode node, string query, string? prefer)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/transcriptions" + query) { Content = new ByteArrayContent([1, 2, 3]) { Headers = { ContentType = new MediaTypeHeaderValue("video/mp4") } } };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", node.Token);
        if (prefer is not null) request.Headers.Add("Prefer", prefer);
        return await node.Http.SendAsync(request);
    }

    /// <summary>Whoever asks for a reading is turned away so many times.</summary>
    private sealed class BusyReader(int times) : IOutgoingGrainCallFilter
    {
        private int asked;

        public int Asked => asked;

        public Task Invoke(IOutgoingGrainCallContext context) =>
            context.InterfaceMethod.DeclaringType == typeof(IModelReaderGrain) && Interlocked.Increment(ref asked) <= times
                ? throw new OverloadedException("The network has too much to do.", TimeSpan.FromSeconds(1)) : context.Invoke();
    }

    private sealed class Heard(List<double> shares) : IProgress<double>
    {
        public void Report(double value) => shares.Add(value);
    }
}
