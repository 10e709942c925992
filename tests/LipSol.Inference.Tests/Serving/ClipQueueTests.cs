using LipSol.Clips;

namespace LipSol.Inference.Tests.Serving;

/// <summary>Which clips are read together, which first, and which are refused; clips are named by their length.</summary>
public sealed class ClipQueueTests
{
    private static readonly BatchingSettings Settings = new() { LargestBatch = 4, Capacity = 100, LiveInARow = 2 };

    [Fact]
    public void Live_clips_are_read_before_bulk_ones_that_came_earlier_and_never_with_them()
    {
        var queue = new ClipQueue(Settings with { LiveInARow = 100 });
        Add(queue, (10, true), (10, false), (11, true), (11, false));
        Assert.Equal([[10, 11], [10, 11]], All(queue, out var bulk));
        Assert.Equal([false, true], bulk);
    }

    [Fact]
    public void Bulk_clips_have_their_turn_however_many_live_ones_come()
    {
        var queue = new ClipQueue(Settings);
        Add(queue, (10, true), (10, true));
        List<bool> order = [];
        for (var i = 0; i < 12; i++)
        {
            Add(queue, (10, false), (10, false), (10, false), (10, false));
            order.Add(queue.Take(free: 1)[0].Bulk);
            if (i == 5) Add(queue, (10, true));
        }
        Assert.Equal([false, false, true, false, false, false], order[..6]); // then none of them waits any more
        Assert.Equal([false, false, true, false, false, false], order[6..]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Clips_are_only_padded_by_less_than_a_quarter_of_their_length_and_each_is_read_once(int seed)
    {
        var random = new Random(seed);
        var lengths = Enumerable.Range(0, 90).Select(_ => random.Next(1, 76)).ToArray();
        var queue = new ClipQueue(Settings);
        Add(queue, [.. lengths.Select(l => (l, random.Next(2) == 0))]);
        var batches = All(queue, out _);
        Assert.All(batches, b => Assert.True(b.Max() < 1.25 * b.Min() || b.Max() == b.Min(), string.Join(' ', b)));
        Assert.All(batches, b => Assert.InRange(b.Count, 1, 4));
        Assert.Equal(lengths.Order(), batches.SelectMany(b => b).Order());
        Assert.Contains(batches, b => b.Count == 4);
    }

    [Fact]
    public void Whatever_its_length_the_clip_that_waits_longest_is_read_next()
    {
        var queue = new ClipQueue(Settings);
        Add(queue, (75, false), (20, false), (75, false), (22, false), (21, false), (50, false));
        Assert.Equal([[75, 75], [20, 22, 21], [50]], All(queue, out _));
    }

    [Fact]
    public void A_clip_that_is_read_in_windows_counts_as_so_many()
    {
        var queue = new ClipQueue(Settings);
        foreach (var windows in (int[])[2, 2, 1, 9, 1, 1]) queue.Add(Clip(75, windows: windows));
        List<int> taken = [];
        while (queue.Count > 0) taken.Add(queue.Take(1).Sum(c => c.Work.Windows));
        Assert.Equal([4, 1, 9, 2], taken);
    }

    [Fact]
    public void What_waits_is_shared_among_the_passes_that_are_free()
    {
        var queue = new ClipQueue(Settings);
        Add(queue, [.. Enumerable.Repeat((10, false), 5)]);
        Assert.Equal([3, 2], new[] { queue.Take(free: 2).Count, queue.Take(free: 1).Count });
    }

    [Fact]
    public void More_than_may_wait_are_refused_bulk_ones_at_half_of_it()
    {
        var queue = new ClipQueue(Settings with { Capacity = 6 });
        Fill(queue, isBulk: true, 3);
        Assert.Throws<ReaderBusyException>(() => queue.RequireRoom(isBulk: true));
        Fill(queue, isBulk: false, 3);
        Assert.Throws<ReaderBusyException>(() => queue.RequireRoom(isBulk: false));
    }

    [Fact]
    public void A_live_clip_that_would_wait_too_long_is_refused_and_told_when_those_before_it_are_read()
    {
        // Four clips of 10 frames in 0.8 s, two passes at once: a clip takes 0.1 s.
        var queue = new ClipQueue(Settings with { Passes = 2, LongestWait = TimeSpan.FromSeconds(1.05) });
        queue.Learn([.. Enumerable.Repeat(Clip(10), 4)], TimeSpan.FromSeconds(0.8));
        Fill(queue, isBulk: false, 11);
        Fill(queue, isBulk: true, 2);
        var refusal = Assert.Throws<ReaderBusyException>(() => queue.RequireRoom(isBulk: false));
        Assert.Equal(1.3, refusal.RetryAfter.TotalSeconds, 6);
        queue.RequireRoom(isBulk: true); // nobody waits for it
        queue.Take(1);
        queue.RequireRoom(isBulk: false);
    }

    [Fact]
    public void What_the_next_passes_take_is_never_refused_however_slow_the_ones_before_were()
    {
        var queue = new ClipQueue(Settings with { Passes = 2 });
        queue.Learn([Clip(10)], TimeSpan.FromMinutes(1));
        Fill(queue, isBulk: false, 8);
        Assert.Throws<ReaderBusyException>(() => queue.RequireRoom(isBulk: false));
    }

    [Fact]
    public void One_slow_pass_is_not_taken_for_the_rule()
    {
        var queue = new ClipQueue(Settings with { LongestWait = TimeSpan.FromMilliseconds(500) });
        for (var i = 0; i < 50; i++) queue.Learn([Clip(10)], TimeSpan.FromMilliseconds(10));
        queue.Learn([Clip(10)], TimeSpan.FromMilliseconds(310));
        Fill(queue, isBulk: false, 12);
        queue.RequireRoom(isBulk: false); // 12 × 40 ms
    }

    [Fact]
    public async Task What_nobody_waits_for_any_more_is_dropped_and_its_caller_told()
    {
        var queue = new ClipQueue(Settings);
        using var gone = new CancellationTokenSource();
        WaitingClip early = Clip(10, until: 2), cancelled = Clip(10, token: gone.Token), bulk = Clip(10, until: 2, isBulk: true), late = Clip(10, until: 3);
        foreach (var clip in (WaitingClip[])[early, cancelled, bulk, late]) queue.Add(clip);
        gone.Cancel();
        queue.DropExpired(TimeSpan.FromSeconds(2));
        Assert.Equal([late], queue.Take(1));
        Assert.Equal(0, queue.Count);
        await Assert.ThrowsAsync<ReadTooLateException>(() => early.Answer);
        await Assert.ThrowsAsync<ReadTooLateException>(() => bulk.Answer);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.Answer);
        Assert.False(late.Answer.IsCompleted);
    }

    [Fact]
    public void A_clip_waits_for_company_no_longer_than_the_delay_and_a_full_batch_not_at_all()
    {
        var queue = new ClipQueue(Settings with { Delay = TimeSpan.FromSeconds(5) });
        queue.Add(Clip(10, since: 100));
        Assert.Equal(5, queue.WaitsFor(TimeSpan.FromSeconds(100)).TotalSeconds);
        Assert.Equal(1, queue.WaitsFor(TimeSpan.FromSeconds(104)).TotalSeconds);
        Assert.Equal(0, queue.WaitsFor(TimeSpan.FromSeconds(105)).TotalSeconds);
        Add(queue, (50, false), (50, false), (50, false));
        Assert.Equal(1, queue.WaitsFor(TimeSpan.FromSeconds(104)).TotalSeconds); // no company: they're longer
        Add(queue, (10, false), (10, false), (10, false));
        Assert.Equal(0, queue.WaitsFor(TimeSpan.FromSeconds(101)).TotalSeconds);
    }

    private static void Fill(ClipQueue queue, bool isBulk, int clips)
    {
        for (var i = 0; i < clips; i++)
        {
            queue.RequireRoom(isBulk);
            queue.Add(Clip(10, isBulk: isBulk));
        }
    }

    private static void Add(ClipQueue queue, params (int Length, bool Bulk)[] clips)
    {
        foreach (var (length, isBulk) in clips) queue.Add(Clip(length, isBulk: isBulk));
    }

    private static List<List<int>> All(ClipQueue queue, out List<bool> bulk)
    {
        (List<List<int>> batches, bulk) = ([], []);
        while (queue.Count > 0)
        {
            var batch = queue.Take(free: 1);
            batches.Add([.. batch.Select(c => c.Work.Length)]);
            bulk.Add(batch.Select(c => c.Bulk).Distinct().Single());
        }
        return batches;
    }

    private static WaitingClip Clip(int length, int windows = 1, bool isBulk = false, double since = 0, double until = 1000, CancellationToken token = default) =>
        new(new PreparedClip(NetworkInput.Of([]), 25, 0, 1), new ClipWork(windows, length), new ReadTerms(isBulk), TimeSpan.FromSeconds(since), TimeSpan.FromSeconds(until), token);
}
