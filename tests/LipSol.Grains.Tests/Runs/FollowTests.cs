using LipSol.Contracts.Runs;
using LipSol.Grains.Tests.Cluster;

namespace LipSol.Grains.Tests.Runs;

public sealed class FollowTests : IAsyncLifetime
{
    private LipSolCluster _cluster = null!;
    private string _run = null!;
    private FakeWorker _worker = null!;

    public async ValueTask InitializeAsync()
    {
        _cluster = await LipSolCluster.StartAsync();
        await _cluster.RegisterAsync();
        _run = await _cluster.StartRunAsync();
        _worker = await _cluster.Workers.OfAsync(_run);
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    [InlineData(400)] // more than the run keeps in memory: what comes before is read from the store
    public async Task Whoever_follows_from_a_cursor_sees_every_point_exactly_once(int pointsInBatch)
    {
        const int batches = 20;
        var random = new Random(7);
        Task writing = WriteAsync(batches, pointsInBatch);

        // The reader goes away after a few events again and again, and comes back with its cursor.
        var seen = new List<long>();
        long cursor = 0;
        bool over = false;
        using var limit = new CancellationTokenSource(Patience.Limit);
        while (!over)
        {
            int events = random.Next(1, 4);
            await foreach (RunEvent e in _cluster.Run(_run).FollowAsync(cursor, limit.Token).WithCancellation(limit.Token))
            {
                Assert.True(e.Cursor >= cursor);
                Assert.True(e.Cursor > cursor || e.Points.Count == 0);
                seen.AddRange(e.Points.Select(p => p.Step));
                cursor = e.Cursor;
                over = e.Status == RunStatus.Failed;
                if (--events == 0 && !over) break;
            }
        }
        await writing;
        Assert.Equal(Enumerable.Range(0, batches * pointsInBatch).Select(i => (long)i), seen);
        Assert.Equal(batches, cursor);
    }

    [Fact]
    public async Task Following_goes_on_over_a_new_activation_of_the_run()
    {
        await _worker.MetricsAsync(1, ("loss", 0, 5));
        await _worker.MetricsAsync(2, ("loss", 1, 4));
        await _cluster.DeactivateAsync(_run);
        await _worker.MetricsAsync(3, ("loss", 2, 3));
        await _worker.EndAsync(RunStatus.Failed, "done");
        Assert.Equal([1, 2], (await _cluster.FollowAsync(_run, cursor: 1)).SelectMany(e => e.Points).Select(p => p.Step));
        Assert.Empty((await _cluster.FollowAsync(_run, cursor: 3)).SelectMany(e => e.Points));
    }

    [Fact]
    public async Task A_batch_whose_answer_was_lost_is_in_summaries_and_feed_once_it_is_repeated()
    {
        await _worker.MetricsAsync(1, ("loss", 0, 5));
        using var limit = new CancellationTokenSource(Patience.Limit);
        await using IAsyncEnumerator<RunEvent> follower = _cluster.Run(_run).FollowAsync(1, limit.Token).GetAsyncEnumerator(limit.Token);
        Assert.True(await follower.MoveNextAsync());
        _cluster.Answers.LoseNext();
        await Assert.ThrowsAnyAsync<Exception>(() => _worker.MetricsAsync(2, ("loss", 1, 2)));
        await _worker.MetricsAsync(2, ("loss", 1, 2));
        while (follower.Current.Points.Count == 0) Assert.True(await follower.MoveNextAsync());
        Assert.Equal([(1L, 2.0)], follower.Current.Points.Select(p => (p.Step, p.Value)));
        Assert.Equal(new MetricSummary(2, 1, 2, 5), (await _cluster.Run(_run).GetAsync())!.Metrics["loss"]);

        await _worker.MetricsAsync(2, ("loss", 1, 2));
        await _worker.MetricsAsync(3, ("loss", 2, 3));
        await _worker.EndAsync(RunStatus.Failed, "done");
        Assert.Equal([0, 1, 2], (await _cluster.FollowAsync(_run)).SelectMany(e => e.Points).Select(p => p.Step));
    }

    [Fact]
    public async Task A_batch_after_one_whose_answer_was_lost_takes_that_one_in_too()
    {
        _cluster.Answers.LoseNext();
        await Assert.ThrowsAnyAsync<Exception>(() => _worker.MetricsAsync(1, ("loss", 0, 1)));
        await _worker.MetricsAsync(2, ("loss", 1, 4));
        Assert.Equal(new MetricSummary(4, 1, 1, 4), (await _cluster.Run(_run).GetAsync())!.Metrics["loss"]);
        await _worker.EndAsync(RunStatus.Failed, "done");
        Assert.Equal([0, 1], (await _cluster.FollowAsync(_run)).SelectMany(e => e.Points).Select(p => p.Step));
    }

    [Fact]
    public async Task A_follower_hears_of_status_and_signs_of_life()
    {
        var heard = new List<RunEvent>();
        using var limit = new CancellationTokenSource(Patience.Limit);
        await foreach (RunEvent e in _cluster.Run(_run).FollowAsync(0, limit.Token).WithCancellation(limit.Token))
        {
            heard.Add(e);
            if (heard.Count == 1) await _worker.Events.HeartbeatAsync(new WorkerHeartbeat(5, 0.5, "training", DateTimeOffset.UnixEpoch, 123));
            else if (e.Heartbeat is { Step: 5 } && e.Status == RunStatus.Running) await _worker.EndAsync(RunStatus.Completed, outcome: LipSolCluster.Outcome("model"));
        }
        Assert.Contains(heard, e => e.Heartbeat?.Phase == "training");
        Assert.Equal(RunStatus.Completed, heard[^1].Status);
    }

    [Fact]
    public async Task Many_follow_one_run()
    {
        Task<List<RunEvent>>[] followers = [.. Enumerable.Range(0, 8).Select(_ => _cluster.FollowAsync(_run))];
        await WriteAsync(20, 5);
        foreach (List<RunEvent> events in await Task.WhenAll(followers))
            Assert.Equal(Enumerable.Range(0, 100).Select(i => (long)i), events.SelectMany(e => e.Points).Select(p => p.Step));
    }

    private async Task WriteAsync(int batches, int pointsInBatch)
    {
        for (int b = 0; b < batches; b++)
            await _worker.MetricsAsync(b + 1, [.. Enumerable.Range(b * pointsInBatch, pointsInBatch).Select(i => ("loss", (long)i, 1.0 / (i + 1)))]);
        await _worker.EndAsync(RunStatus.Failed, "that was all");
    }
}
