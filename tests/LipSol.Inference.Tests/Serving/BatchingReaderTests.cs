using LipSol.Inference.Tests.Networks;
using Microsoft.Extensions.Time.Testing;

namespace LipSol.Inference.Tests.Serving;

public sealed class BatchingReaderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly FakeTimeProvider time = new();

    public BatchingReaderTests() => BrightnessModel.Write(folder.Path);

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Many_callers_get_their_own_answers(int passes)
    {
        await using var reader = new BatchingReader(Load(), new BatchingSettings { Passes = passes, LongestWait = TimeSpan.FromMinutes(1) });
        byte[] greys = [0, 127, 255];
        var prepared = greys.Select(g => reader.Model.Prepare(BrightnessModel.Clip(g))).ToArray();

        var answers = await Task.WhenAll(Enumerable.Range(0, 120).Select(i => reader.ReadAsync(prepared[i % 3])));

        for (var i = 0; i < answers.Length; i++) Assert.Equal(BrightnessModel.Words[i % 3], answers[i].Reading.Text);
    }

    [Fact]
    public async Task What_comes_while_the_network_is_busy_is_read_together_live_before_bulk()
    {
        var (reader, passes) = Held(new());
        await using var _ = reader;
        var clips = Enumerable.Range(0, 5).Select(_ => Clip(reader)).ToArray();
        List<Task<BatchedReading>> reads = [reader.ReadAsync(clips[0])];
        var first = passes.Next();
        foreach (var (clip, bulk) in clips[1..].Zip((bool[])[true, false, true, false])) reads.Add(reader.ReadAsync(clip, new ReadTerms(bulk)));
        first.Release();
        for (var i = 0; i < 2; i++) passes.Next().Release();

        Assert.Equal([1, 2, 2, 2, 2], (await Task.WhenAll(reads)).Select(r => r.BatchSize));
        Assert.Equal([[clips[0]], [clips[2], clips[4]], [clips[1], clips[3]]], passes.All);
    }

    [Fact]
    public async Task A_clip_whose_answer_would_come_too_late_is_never_computed()
    {
        var (reader, passes) = Held(new() { Patience = TimeSpan.FromSeconds(30) });
        await using var _ = reader;
        var first = reader.ReadAsync(Clip(reader));
        var under = passes.Next();
        Task<BatchedReading> late = reader.ReadAsync(Clip(reader), new ReadTerms(Within: TimeSpan.FromSeconds(2))), patient = reader.ReadAsync(Clip(reader), new ReadTerms(Within: TimeSpan.FromSeconds(4))), usual = reader.ReadAsync(Clip(reader));
        using var gone = new CancellationTokenSource();
        var abandoned = reader.ReadAsync(Clip(reader), cancellationToken: gone.Token);
        time.Advance(TimeSpan.FromSeconds(3));
        gone.Cancel();
        under.Release();
        var second = passes.Next();
        second.Release();

        Assert.Equal(2, second.Clips.Count);
        await Task.WhenAll(first, patient, usual);
        await Assert.ThrowsAsync<ReadTooLateException>(() => late);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => abandoned);
        Assert.Equal(3000, (await patient).WaitedMilliseconds);
    }

    [Fact]
    public async Task A_free_network_waits_for_company_as_long_as_it_was_told_to()
    {
        var (reader, passes) = Held(new() { Delay = TimeSpan.FromMilliseconds(4), LargestBatch = 3 });
        await using var _ = reader;
        Task<BatchedReading>[] two = [reader.ReadAsync(Clip(reader)), reader.ReadAsync(Clip(reader))];
        time.Advance(TimeSpan.FromMilliseconds(4));
        var pass = passes.Next();
        Assert.Equal(2, pass.Clips.Count);
        pass.Release();
        await Task.WhenAll(two);

        // A full batch has all the company it can get: the clock stands still.
        Task<BatchedReading>[] three = [.. Enumerable.Range(0, 3).Select(_ => reader.ReadAsync(Clip(reader)))];
        pass = passes.Next();
        Assert.Equal(3, pass.Clips.Count);
        pass.Release();
        await Task.WhenAll(three);
    }

    [Fact]
    public async Task Passes_run_beside_each_other()
    {
        var (reader, passes) = Held(new() { Passes = 2 });
        await using var _ = reader;
        Task<BatchedReading>[] reads = [reader.ReadAsync(Clip(reader)), reader.ReadAsync(Clip(reader))];
        // The second one begins though the first one hasn't ended.
        var (one, two) = (passes.Next(), passes.Next());
        one.Release();
        two.Release();
        await Task.WhenAll(reads);
    }

    [Fact]
    public async Task More_than_may_wait_is_refused_at_once_and_told_when_to_come_back()
    {
        var (reader, passes) = Held(new() { Capacity = 4, LargestBatch = 2, LongestWait = TimeSpan.FromMinutes(1) });
        await using var _ = reader;
        var measured = reader.ReadAsync(Clip(reader));
        passes.Next().Release(() => time.Advance(TimeSpan.FromMilliseconds(80)));
        await measured;

        var first = reader.ReadAsync(Clip(reader));
        var under = passes.Next();
        var waiting = Enumerable.Range(0, 4).Select(_ => reader.ReadAsync(Clip(reader))).ToArray();
        var refused = await Assert.ThrowsAsync<ReaderBusyException>(() => reader.ReadAsync(Clip(reader)));
        Assert.Equal(4 * 80, refused.RetryAfter.TotalMilliseconds, 6);
        Assert.Throws<ReaderBusyException>(() => reader.RequireRoom(bulk: false));

        under.Release();
        for (var i = 0; i < 2; i++) passes.Next().Release();
        await Task.WhenAll([first, .. waiting]);
        reader.RequireRoom(bulk: false);
    }

    [Fact]
    public async Task What_the_network_throws_is_its_callers_and_the_next_ones_are_read()
    {
        var (reader, passes) = Held(new());
        await using var _ = reader;
        var broken = reader.ReadAsync(Clip(reader));
        passes.Next().Release(() => throw new InvalidOperationException("out of memory"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => broken);

        var next = reader.ReadAsync(Clip(reader));
        passes.Next().Release();
        Assert.Equal("نہیں", (await next).Reading.Text);
    }

    [Fact]
    public async Task Unloading_waits_for_what_was_taken_reads_it_and_only_then_lets_the_session_go()
    {
        var (reader, passes) = Held(new() { LargestBatch = 1, Delay = TimeSpan.FromHours(1) });
        var reads = Enumerable.Range(0, 3).Select(_ => reader.ReadAsync(Clip(reader))).ToArray();
        var under = passes.Next();

        var unloading = reader.DisposeAsync().AsTask();
        var clip = Clip(reader); // the session is still there
        await Assert.ThrowsAsync<ObjectDisposedException>(() => reader.ReadAsync(clip));
        Assert.False(unloading.IsCompleted);
        under.Release();
        for (var i = 0; i < 2; i++) passes.Next().Release();
        await unloading;

        Assert.All(await Task.WhenAll(reads), r => Assert.Equal("نہیں", r.Reading.Text));
        Assert.Throws<ObjectDisposedException>(() => reader.Model.Read([clip]));
    }

    [Fact]
    public void A_sentence_longer_than_training_saw_is_the_work_of_its_windows()
    {
        var path = GreyLettersModel.Write(Path.Combine(folder.Path, "letters"));
        using var model = LoadedModel.Load(path, new SessionSettings { Device = "cpu", Threads = 1 });
        Assert.Equal(new ClipWork(1, 30), model.Work(model.Prepare(GreyLettersModel.Clip([.. new double[30]]))));
        Assert.Equal(new ClipWork(3, 60), model.Work(model.Prepare(GreyLettersModel.Clip([.. new double[120]]))));
    }

    private static PreparedClip Clip(BatchingReader reader) => reader.Model.Prepare(BrightnessModel.Clip(255));

    private (BatchingReader Reader, HeldPasses Passes) Held(BatchingSettings settings)
    {
        var model = Load();
        var passes = new HeldPasses(model);
        return (new BatchingReader(model, settings, time, passes.Read), passes);
    }

    private LoadedModel Load() => LoadedModel.Load(folder.Path, new SessionSettings { Device = "cpu", Threads = 1 });
}
