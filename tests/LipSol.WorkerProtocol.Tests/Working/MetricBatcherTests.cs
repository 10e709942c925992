namespace LipSol.WorkerProtocol.Tests.Working;

public sealed class MetricBatcherTests
{
    [Fact]
    public async Task Points_beyond_what_may_wait_hold_up_whoever_adds_them()
    {
        var go = new TaskCompletionSource();
        var batches = new List<MetricBatch>();
        var batcher = new MetricBatcher(async b => { await go.Task; batches.Add(b); });
        const int Many = MetricBatcher.MostWaiting + MetricBatcher.LargestBatch + 10;
        var added = 0;
        var adding = Task.Run(() => { for (; added < Many; added++) batcher.Add("m", added, added); });
        while (Volatile.Read(ref added) < MetricBatcher.MostWaiting) await Task.Yield();
        Assert.False(adding.IsCompleted);

        go.SetResult();
        await adding.WaitAsync(TestContext.Current.CancellationToken);
        await batcher.DisposeAsync();
        Assert.Equal(Enumerable.Range(0, Many).Select(n => (long)n), batches.SelectMany(b => b.Points).Select(p => p.Step));
    }

    [Fact]
    public async Task What_was_added_is_sent_before_a_flush_returns()
    {
        var batches = new List<MetricBatch>();
        await using var batcher = new MetricBatcher(b => { batches.Add(b); return Task.CompletedTask; });
        await batcher.FlushAsync();
        batcher.Add("m", 1, 0.5);
        batcher.Add("m", 2, 0.4);
        await batcher.FlushAsync();
        Assert.Equal([1L, 2L], Assert.Single(batches).Points.Select(p => p.Step));
        batcher.Add("m", 3, 0.3);
        await batcher.FlushAsync();
        Assert.Equal((2L, 3L), (batches[1].Batch, Assert.Single(batches[1].Points).Step));
    }

    [Fact]
    public async Task A_flush_fails_where_the_points_before_it_can_not_be_sent()
    {
        var batcher = new MetricBatcher(_ => throw new IOException("gone"));
        batcher.Add("m", 1, 1);
        await Assert.ThrowsAnyAsync<Exception>(batcher.FlushAsync);
        await Assert.ThrowsAsync<IOException>(async () => await batcher.DisposeAsync());
    }

    [Fact]
    public async Task What_can_not_be_sent_ends_the_run_instead_of_getting_lost()
    {
        var batcher = new MetricBatcher(_ => throw new IOException("gone"));
        batcher.Add("m", 1, 1);
        await Assert.ThrowsAsync<IOException>(async () => await batcher.DisposeAsync());
    }
}
