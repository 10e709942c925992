using System.Collections.Concurrent;
using LipSol.Contracts.Runs;
using LipSol.Contracts.Serving;
using LipSol.Grains.Serving.Routing;
using LipSol.Grains.Tests.Cluster;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LipSol.Grains.Tests.Serving;

/// <summary>Where requests go while nodes come, go, and can't do what they're asked.</summary>
public sealed class RoutingTests : IAsyncLifetime
{
    private const string Name = "urdu-words";
    private LipSolCluster _cluster = null!;

    public async ValueTask InitializeAsync()
    {
        _cluster = await LipSolCluster.StartAsync(silos: 3);
        await _cluster.RegisterAsync();
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    private string[] Nodes => [.. _cluster.Orleans.Silos.Select(s => s.Name)];

    [Theory, InlineData(1), InlineData(2)]
    public async Task A_node_that_is_killed_fails_no_request_of_the_others_whichever_grains_it_had(int victim)
    {
        await _cluster.ServeAsync(Name, "a", "b");
        string[] callers = [.. Nodes.Where((_, i) => i != victim)];
        var read = new ConcurrentBag<string>();
        using var enough = new CancellationTokenSource();
        // Long enough that requests of one node overlap, and go to the others too.
        _cluster.Models.Reading = async _ =>
        {
            for (int i = 0; i < 20; i++) await Task.Yield();
        };
        Task[] readers = [.. callers.SelectMany(node => Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            IModelReaderGrain reader = _cluster.ReaderOn(node, Name);
            while (!enough.IsCancellationRequested) read.Add((await reader.ReadAsync(ModelSteps.Clip, null)).Node);
        })))];
        using var seen = new CancellationTokenSource(Patience.Limit);
        while (!read.Contains(Nodes[victim]))
        {
            await MoreAsync(50);
            Assert.False(seen.IsCancellationRequested, "The node that is to be killed was never asked.");
        }
        await _cluster.Orleans.KillSiloAsync(_cluster.Orleans.Silos[victim]);
        await MoreAsync(2000);
        await enough.CancelAsync();
        await Task.WhenAll(readers).WaitAsync(Patience.Limit);

        async Task MoreAsync(int count)
        {
            using var limit = new CancellationTokenSource(Patience.Limit);
            for (int before = read.Count; read.Count < before + count; await Task.Yield())
            {
                if (Array.Find(readers, r => r.IsFaulted) is { } failed) await failed;
                Assert.False(limit.IsCancellationRequested, $"Only {read.Count - before} of {count} were read.");
            }
        }
    }

    [Fact]
    public async Task A_node_that_joins_gets_requests_once_it_has_loaded_the_version_and_holds_up_nobody_before()
    {
        await _cluster.ServeAsync(Name, "a");
        string[] before = Nodes;
        var load = new TaskCompletionSource();
        var loading = new TaskCompletionSource<string>();
        _cluster.Models.Loading = (node, _) =>
        {
            loading.TrySetResult(node);
            return load.Task;
        };
        await _cluster.Orleans.StartAdditionalSiloAsync();
        string joined = Nodes.Except(before).Single();
        // By itself, as soon as it is up.
        Assert.Equal(joined, await loading.Task.WaitAsync(Patience.Limit));
        foreach (string node in Nodes)
            for (int i = 0; i < 20; i++) Assert.NotEqual(joined, (await _cluster.ReaderOn(node, Name).ReadAsync(ModelSteps.Clip, null).WaitAsync(Patience.Limit)).Node);

        load.SetResult();
        using var limit = new CancellationTokenSource(Patience.Limit);
        // Its own requests, the nearest among equals, are read there.
        while ((await _cluster.ReaderOn(joined, Name).ReadAsync(ModelSteps.Clip, null)).Node != joined) Assert.False(limit.IsCancellationRequested);
        Assert.Equal(0, _cluster.Models.ColdReads);
    }

    [Fact]
    public async Task A_replica_with_too_much_to_do_passes_a_request_on_and_only_when_all_have_is_it_refused()
    {
        await _cluster.ServeAsync(Name, "a");
        string local = Nodes[0];
        _cluster.Models.Failing = (node, _) => node == local ? new OverloadedException("full", TimeSpan.FromSeconds(1)) : null;
        Assert.NotEqual(local, (await _cluster.ReaderOn(local, Name).ReadAsync(ModelSteps.Clip, null)).Node);
        _cluster.Models.Failing = (_, _) => new OverloadedException("full", TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<OverloadedException>(() => _cluster.ReaderOn(local, Name).ReadAsync(ModelSteps.Clip, null));
    }

    [Fact]
    public async Task What_fails_on_one_node_is_read_on_another_and_what_fails_on_two_is_told()
    {
        await _cluster.ServeAsync(Name, "a");
        string local = Nodes[0];
        _cluster.Models.Failing = (node, _) => node == local ? new InvalidDataException("the session is broken") : null;
        Assert.NotEqual(local, (await _cluster.ReaderOn(local, Name).ReadAsync(ModelSteps.Clip, null)).Node);
        int asked = 0;
        _cluster.Models.Failing = (_, _) => new InvalidDataException($"broken {Interlocked.Increment(ref asked)}");
        await Assert.ThrowsAsync<InvalidDataException>(() => _cluster.ReaderOn(local, Name).ReadAsync(ModelSteps.Clip, null));
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task Where_no_node_can_read_all_are_asked_for_twenty_seconds_and_then_the_caller_is_told_to_ask_again()
    {
        await _cluster.ServeAsync(Name, "a");
        int asked = 0;
        _cluster.Models.Failing = (_, _) =>
        {
            Interlocked.Increment(ref asked);
            return new ObjectDisposedException("the silo's services");
        };
        var time = new UnwaitedTime();
        DateTimeOffset begun = time.GetUtcNow();
        IServiceProvider services = _cluster.ServicesOf(Nodes[0]);
        ReadRouter router = ActivatorUtilities.CreateInstance<ReadRouter>(services, ActivatorUtilities.CreateInstance<NodeLoads>(services, time), time);
        TimeoutException told = await Assert.ThrowsAsync<TimeoutException>(() => router.ReadAsync(Name, ModelSteps.Clip, null).WaitAsync(Patience.Limit));
        Assert.Contains("within 20 s", told.Message);
        Assert.Contains("Try again", told.Message);
        Assert.IsType<ObjectDisposedException>(told.InnerException);
        Assert.InRange(time.GetUtcNow() - begun, TimeSpan.FromSeconds(18), TimeSpan.FromSeconds(20));
        Assert.True(asked > 20 * Nodes.Length, $"Only {asked} were asked.");
    }

    [Fact]
    public async Task What_no_model_can_read_is_told_at_once_and_asked_of_no_other_node()
    {
        await _cluster.ServeAsync(Name, "a");
        int asked = 0;
        _cluster.Models.Failing = (_, _) =>
        {
            asked++;
            return new UnreadableInputException("too long", "too-long");
        };
        Assert.Equal("too-long", (await Assert.ThrowsAsync<UnreadableInputException>(() => _cluster.ReaderOn(Nodes[0], Name).ReadAsync(ModelSteps.Clip, null))).Reason);
        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task A_version_that_is_named_and_loaded_nowhere_is_loaded_by_one_node_and_kept_there_for_a_while()
    {
        await _cluster.ServeAsync(Name, "a", "b");
        Assert.Equal("b", (await _cluster.ReaderOn(Nodes[0], Name).ReadAsync(ModelSteps.Clip, 2)).Text);
        string node = Assert.Single(Nodes, n => _cluster.Models.IsLoadedOn(n, "b"));
        // From then on all of them send there.
        foreach (string caller in Nodes) Assert.Equal(node, (await _cluster.ReaderOn(caller, Name).ReadAsync(ModelSteps.Clip, 2)).Node);

        await LaterAsync(TimeSpan.FromMinutes(9));
        Assert.True(_cluster.Models.IsLoadedOn(node, "b"));
        await LaterAsync(TimeSpan.FromMinutes(2));
        Assert.False(_cluster.Models.IsLoaded("b"));
        Assert.All(Nodes, n => Assert.True(_cluster.Models.IsLoadedOn(n, "a")));
    }

    [Fact]
    public async Task What_was_in_production_leaves_memory_once_nobody_reads_with_it()
    {
        await _cluster.ServeAsync(Name, "a", "b");
        var gate = new TaskCompletionSource();
        var entered = new TaskCompletionSource();
        _cluster.Models.Reading = model =>
        {
            if (model != "a") return Task.CompletedTask;
            entered.TrySetResult();
            return gate.Task;
        };
        Task<Reading> slow = _cluster.ReaderOn(Nodes[0], Name).ReadAsync(ModelSteps.Clip, null);
        await entered.Task.WaitAsync(Patience.Limit);
        Assert.True((await _cluster.Model(Name).PromoteAsync(2, ModelSteps.AnyAsGood)).Promoted);
        await LaterAsync(TimeSpan.FromMinutes(1));
        // The request that was under way keeps it where it's read, and nowhere else.
        Assert.Equal([Nodes[0]], Nodes.Where(n => _cluster.Models.IsLoadedOn(n, "a")));
        gate.SetResult();
        Assert.Equal("a", (await slow).Text);
        await LaterAsync(TimeSpan.FromMinutes(1));
        Assert.False(_cluster.Models.IsLoaded("a"));
        Assert.All(Nodes, n => Assert.True(_cluster.Models.IsLoadedOn(n, "b")));
    }

    [Fact]
    public async Task A_version_that_is_deleted_while_requests_run_answers_those_and_takes_no_more()
    {
        await _cluster.ServeAsync(Name, "a", "b");
        var gate = new TaskCompletionSource();
        var entered = new TaskCompletionSource();
        _cluster.Models.Reading = model =>
        {
            entered.TrySetResult();
            return gate.Task;
        };
        Task<Reading> named = _cluster.ReaderOn(Nodes[0], Name).ReadAsync(ModelSteps.Clip, 2);
        await entered.Task.WaitAsync(Patience.Limit);
        await Assert.ThrowsAsync<RefusedException>(() => _cluster.Model(Name).DeleteAsync(1));
        await _cluster.Model(Name).DeleteAsync(2);
        await LaterAsync(TimeSpan.FromHours(1));
        Assert.Contains("deleted", (await Assert.ThrowsAsync<RefusedException>(() => _cluster.ReaderOn(Nodes[1], Name).ReadAsync(ModelSteps.Clip, 2))).Message);

        Task<Reading> production = _cluster.ReaderOn(Nodes[1], Name).ReadAsync(ModelSteps.Clip, null);
        await _cluster.Model(Name).DeleteAsync(0);
        Assert.Null(await _cluster.Model(Name).GetAsync());
        Assert.Empty(await _cluster.Registry.ListAsync());
        await Assert.ThrowsAsync<RefusedException>(() => _cluster.ReaderOn(Nodes[2], Name).ReadAsync(ModelSteps.Clip, null));
        gate.SetResult();
        Assert.Equal(("b", "a"), ((await named).Text, (await production).Text));
        await LaterAsync(TimeSpan.FromHours(1));
        Assert.False(_cluster.Models.IsLoaded("a") || _cluster.Models.IsLoaded("b"));
        // Its numbers aren't given again.
        Assert.Equal(3, await _cluster.RegisterAsync(Name, "c"));
    }

    /// <summary>A clock on which whoever waits has waited at once.</summary>
    private sealed class UnwaitedTime : FakeTimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            ITimer timer = base.CreateTimer(callback, state, dueTime, period);
            _ = Task.Run(() => Advance(dueTime));
            return timer;
        }
    }

    private async Task LaterAsync(TimeSpan time)
    {
        _cluster.Time.Advance(time);
        foreach (string node in Nodes) await _cluster.Serving(node).RefreshAsync();
    }
}
