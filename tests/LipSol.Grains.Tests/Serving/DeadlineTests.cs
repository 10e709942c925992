using System.Collections.Concurrent;
using LipSol.Contracts.Models;
using LipSol.Contracts.Serving;
using LipSol.Grains.Tests.Cluster;

namespace LipSol.Grains.Tests.Serving;

/// <summary>Reads that nobody waits for any more, on other nodes than the one that was asked.</summary>
public sealed class DeadlineTests : IAsyncLifetime
{
    private const string Name = "urdu-words";
    private LipSolCluster _cluster = null!;

    public async ValueTask InitializeAsync()
    {
        _cluster = await LipSolCluster.StartAsync(silos: 2);
        await _cluster.RegisterAsync();
        await _cluster.ServeAsync(Name, "a", "b");
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    private string[] Nodes => [.. _cluster.Orleans.Silos.Select(s => s.Name)];

    [Fact]
    public async Task A_caller_that_goes_away_ends_the_read_wherever_it_is_and_it_counts_for_no_failure()
    {
        var reading = new ConcurrentQueue<CancellationToken>();
        var all = new CountdownEvent(4);
        _cluster.Models.Asked = (_, token) =>
        {
            reading.Enqueue(token);
            all.Signal();
        };
        _cluster.Models.Reading = _ => Task.WhenAll(reading.Select(t => Task.Delay(Timeout.Infinite, t)));
        using var gone = new CancellationTokenSource();
        // From inside the cluster, as a node's HTTP side asks, and from outside; both nodes read.
        Task<Reading>[] reads = [.. Enumerable.Range(0, 2).Select(_ => _cluster.ReaderOn(Nodes[0], Name).ReadAsync(ModelSteps.Clip, null, gone.Token)), .. Enumerable.Range(0, 2).Select(_ => _cluster.Reader(Name).ReadAsync(ModelSteps.Clip, null, gone.Token))];
        await Task.Run(() => all.Wait(Patience.Limit), TestContext.Current.CancellationToken);
        await gone.CancelAsync();
        foreach (Task<Reading> read in reads) await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read.WaitAsync(Patience.Limit));
        // Where it's computed, it's heard of.
        Assert.Equal(4, reading.Count);
        foreach (CancellationToken token in reading) await Task.Run(() => token.WaitHandle.WaitOne(Patience.Limit), TestContext.Current.CancellationToken);
        Assert.All(reading, token => Assert.True(token.IsCancellationRequested));

        _cluster.Models.Reading = _ => Task.CompletedTask;
        _cluster.Models.Asked = (_, _) => { };
        Assert.Equal("a", (await _cluster.Reader(Name).ReadAsync(ModelSteps.Clip, null)).Text);
        ModelTraffic traffic = await _cluster.TrafficAsync(Name, t => t.Figures.Production!.Answered == 1);
        Assert.Equal(0, traffic.Figures.Production!.Errors);
    }

    [Fact]
    public async Task What_is_tried_again_elsewhere_has_only_what_is_left_of_its_time()
    {
        var told = new ConcurrentQueue<TimeSpan?>();
        _cluster.Models.Asked = (request, _) => told.Enqueue(request.Within);
        _cluster.Models.Failing = (_, _) => told.Count == 1 ? new ObjectDisposedException("session") : null;
        await _cluster.ReaderOn(Nodes[0], Name).ReadAsync(ModelSteps.Clip with { Within = TimeSpan.FromSeconds(30) }, null);
        TimeSpan?[] given = [.. told];
        Assert.Equal(2, given.Length);
        Assert.True(given[0] < TimeSpan.FromSeconds(30));
        Assert.True(given[1] < given[0]);
        await _cluster.ReaderOn(Nodes[0], Name).ReadAsync(ModelSteps.Clip, null);
        Assert.Null(told.Last());
    }

    [Fact]
    public async Task Where_no_node_can_read_a_caller_waits_no_longer_than_it_wants_to()
    {
        int asked = 0;
        _cluster.Models.Asked = (_, _) => Interlocked.Increment(ref asked);
        _cluster.Models.Failing = (_, _) => new ObjectDisposedException("session");
        await Assert.ThrowsAsync<TooLateException>(() => _cluster.ReaderOn(Nodes[0], Name).ReadAsync(ModelSteps.Clip with { Within = TimeSpan.FromSeconds(3) }, null).WaitAsync(Patience.Limit));
        Assert.True(asked >= 2);
        asked = 0;
        await Assert.ThrowsAsync<TooLateException>(() => _cluster.ReaderOn(Nodes[0], Name).ReadAsync(ModelSteps.Clip with { Within = TimeSpan.Zero }, null).WaitAsync(Patience.Limit));
        Assert.Equal(0, asked);
    }

    [Fact]
    public async Task A_canary_that_is_slow_leaves_production_what_is_left()
    {
        await _cluster.Model(Name).StartTrialAsync(new TrialRequest { Kind = TrialKind.Canary, Version = 2, Share = 1 });
        var told = new ConcurrentQueue<TimeSpan?>();
        _cluster.Models.Asked = (request, _) => told.Enqueue(request.Within);
        _cluster.Models.Failing = (_, model) => model == "b" ? new TooLateException("too late") : null;
        Reading reading = await _cluster.ReaderOn(Nodes[0], Name).ReadAsync(ModelSteps.Clip with { Within = TimeSpan.FromSeconds(30) }, null);
        Assert.Equal("a", reading.Text);
        TimeSpan?[] given = [.. told];
        Assert.True(given[1] < given[0], $"{given[1]} isn't less than {given[0]}.");
    }
}
