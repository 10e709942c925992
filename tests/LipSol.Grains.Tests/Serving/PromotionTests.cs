using LipSol.Contracts.Models;
using LipSol.Contracts.Serving;
using LipSol.Grains.Tests.Cluster;

namespace LipSol.Grains.Tests.Serving;

/// <summary>Promotions while something goes wrong.</summary>
public sealed class PromotionTests : IAsyncLifetime
{
    private const string Name = "urdu-words";
    private LipSolCluster _cluster = null!;

    public async ValueTask InitializeAsync()
    {
        _cluster = await LipSolCluster.StartAsync(silos: 3);
        await _cluster.RegisterAsync();
        await _cluster.ServeAsync(Name, "a", "b");
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    private string[] Nodes => [.. _cluster.Orleans.Silos.Select(s => s.Name)];

    [Fact]
    public async Task A_file_that_is_damaged_on_one_node_stops_the_promotion_and_the_old_version_goes_on()
    {
        _cluster.Models.BrokenOn[(Nodes[1], "b")] = new InvalidDataException("model.onnx is cut off");
        PromotionDecision decision = await _cluster.Model(Name).PromoteAsync(2, ModelSteps.AnyAsGood, "amina");
        Assert.False(decision.Promoted);
        Assert.Contains(Nodes[1], decision.Reason);
        Assert.Contains("model.onnx is cut off", decision.Reason);
        Assert.Equal(("amina", DecisionKind.Promotion), (decision.By, decision.Kind));
        foreach (string node in Nodes) Assert.Equal("a", (await _cluster.ReaderOn(node, Name).ReadAsync(ModelSteps.Clip, null)).Text);

        // The others had loaded it by then: for nothing.
        _cluster.Time.Advance(TimeSpan.FromMinutes(1));
        foreach (string node in Nodes) await _cluster.Serving(node).RefreshAsync();
        Assert.False(_cluster.Models.IsLoaded("b"));
        Assert.All(Nodes, n => Assert.True(_cluster.Models.IsLoadedOn(n, "a")));
    }

    [Fact]
    public async Task A_node_that_dies_while_it_loads_holds_the_promotion_up_only_until_that_is_noticed()
    {
        string victim = Nodes[2];
        var loading = new TaskCompletionSource();
        _cluster.Models.Loading = (node, _) =>
        {
            if (node != victim) return Task.CompletedTask;
            loading.TrySetResult();
            return Task.Delay(Timeout.Infinite, TestContext.Current.CancellationToken);
        };
        Task<PromotionDecision> promotion = _cluster.On(Nodes[0]).GetGrain<IModelGrain>(Name).PromoteAsync(2, ModelSteps.AnyAsGood);
        await loading.Task.WaitAsync(Patience.Limit);
        await _cluster.Orleans.KillSiloAsync(_cluster.Orleans.Silos[2]);
        PromotionDecision decision;
        try
        {
            decision = await promotion.WaitAsync(Patience.Limit);
        }
        catch (Exception e) when (e is SiloUnavailableException or OrleansMessageRejectionException)
        {
            // The grain that decides was on the node that died: nothing was written, and it's asked for again.
            decision = await _cluster.On(Nodes[0]).GetGrain<IModelGrain>(Name).PromoteAsync(2, ModelSteps.AnyAsGood).WaitAsync(Patience.Limit);
        }
        Assert.True(decision.Promoted, decision.Reason);
        Assert.DoesNotContain(victim, decision.Nodes);
        // A node that couldn't be told in the turmoil asks for its routes by itself.
        using var limit = new CancellationTokenSource(Patience.Limit);
        while ((await _cluster.ReaderOn(Nodes[0], Name).ReadAsync(ModelSteps.Clip, null)).Text != "b")
        {
            _cluster.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(50, limit.Token);
        }
    }

    [Fact]
    public async Task Where_the_node_that_decides_dies_while_others_load_asking_again_under_the_same_key_promotes_once()
    {
        // Asked through a node that lives on; the grain that decides is wherever it is.
        var management = _cluster.Orleans.Client.GetGrain<IManagementGrain>(0);
        SiloAddress deciding = (await management.GetActivationAddress((GrainReference)_cluster.Model(Name)))!;
        Orleans.TestingHost.InProcessSiloHandle victim = _cluster.Orleans.Silos.Single(s => s.SiloAddress.Equals(deciding));
        IModelGrain model = _cluster.On(Nodes.First(n => n != victim.Name)).GetGrain<IModelGrain>(Name);
        var (loading, load) = (new TaskCompletionSource(), new TaskCompletionSource());
        _cluster.Models.Loading = (_, _) =>
        {
            loading.TrySetResult();
            return load.Task;
        };
        Task<PromotionDecision> lost = model.PromoteAsync(2, ModelSteps.AnyAsGood, key: "daily-1");
        await loading.Task.WaitAsync(Patience.Limit);
        await _cluster.Orleans.KillSiloAsync(victim);
        await Assert.ThrowsAnyAsync<Exception>(() => lost.WaitAsync(Patience.Limit));

        load.SetResult();
        PromotionDecision? decision = null;
        using var limit = new CancellationTokenSource(Patience.Limit);
        while (decision is null)
        {
            try
            {
                decision = await model.PromoteAsync(2, ModelSteps.AnyAsGood, key: "daily-1").WaitAsync(limit.Token);
            }
            catch (Exception e) when (e is SiloUnavailableException or OrleansMessageRejectionException)
            {
                await Task.Yield();
            }
        }
        Assert.True(decision.Promoted, decision.Reason);
        Assert.Equal(decision.Time, (await model.PromoteAsync(2, ModelSteps.AnyAsGood, key: "daily-1")).Time);
        Assert.Single((await model.GetHistoryAsync(0, 100)).Entries, d => d.Key == "daily-1");
    }

    [Fact]
    public async Task A_node_that_loads_without_end_is_left_behind_after_a_while_and_gets_requests_once_it_is_done()
    {
        string slow = Nodes[1];
        var load = new TaskCompletionSource();
        var loading = new TaskCompletionSource();
        _cluster.Models.Loading = (node, _) =>
        {
            if (node != slow) return Task.CompletedTask;
            loading.TrySetResult();
            return load.Task;
        };
        Task<PromotionDecision> promotion = _cluster.Model(Name).PromoteAsync(2, ModelSteps.AnyAsGood);
        await loading.Task.WaitAsync(Patience.Limit);
        Assert.Equal("a", (await _cluster.ReaderOn(slow, Name).ReadAsync(ModelSteps.Clip, null)).Text);
        // Patience ends, and no more time goes by than that: what isn't served is let go after a while.
        _cluster.Time.Advance(new GrainsOptions().WarmPatience);
        PromotionDecision decision = await promotion.WaitAsync(Patience.Limit);
        Assert.True(decision.Promoted, decision.Reason);
        Assert.Contains(slow, decision.Reason);
        Assert.DoesNotContain(slow, decision.Nodes);
        Reading reading = await _cluster.ReaderOn(slow, Name).ReadAsync(ModelSteps.Clip, null);
        Assert.Equal("b", reading.Text);
        Assert.NotEqual(slow, reading.Node);

        load.SetResult();
        await _cluster.Serving(slow).RefreshAsync();
        using var limit = new CancellationTokenSource(Patience.Limit);
        while ((await _cluster.ReaderOn(slow, Name).ReadAsync(ModelSteps.Clip, null)).Node != slow) Assert.False(limit.IsCancellationRequested);
        Assert.Equal(0, _cluster.Models.ColdReads);
    }

    [Fact]
    public async Task A_promotion_that_cannot_be_written_down_changes_nothing()
    {
        _cluster.ExecuteSql($"CREATE TRIGGER full BEFORE UPDATE ON OrleansStorage WHEN NEW.GrainIdExtensionString = '{Name}' BEGIN SELECT RAISE(ABORT, 'the disk is full'); END");
        await Assert.ThrowsAnyAsync<Exception>(() => _cluster.Model(Name).PromoteAsync(2, ModelSteps.AnyAsGood, key: "daily-1"));
        foreach (string node in Nodes)
        {
            await _cluster.Serving(node).RefreshAsync();
            Assert.Equal("a", (await _cluster.ReaderOn(node, Name).ReadAsync(ModelSteps.Clip, null)).Text);
        }
        ModelRecord record = (await _cluster.Model(Name).GetAsync())!;
        Assert.Equal((1, 1), (record.Aliases["production"], record.Promotions.Count));
        _cluster.Time.Advance(TimeSpan.FromMinutes(10));
        foreach (string node in Nodes) await _cluster.Serving(node).RefreshAsync();
        Assert.False(_cluster.Models.IsLoaded("b"));

        _cluster.ExecuteSql("DROP TRIGGER full");
        Assert.True((await _cluster.Model(Name).PromoteAsync(2, ModelSteps.AnyAsGood, key: "daily-1")).Promoted);
        Assert.Single((await _cluster.Model(Name).GetHistoryAsync(0, 100)).Entries, d => d.Key == "daily-1");
        foreach (string node in Nodes) Assert.Equal("b", (await _cluster.ReaderOn(node, Name).ReadAsync(ModelSteps.Clip, null)).Text);
    }

    [Fact]
    public async Task A_node_that_was_not_told_hears_of_the_promotion_by_asking()
    {
        Assert.True((await _cluster.Model(Name).PromoteAsync(2, ModelSteps.AnyAsGood)).Promoted);
        ModelRoute route = (await _cluster.Model(Name).GetRouteAsync())!;
        // As a node that missed it would have it; an older route changes nothing there.
        await _cluster.Serving(Nodes[1]).RouteAsync(route with { Revision = route.Revision - 1, Production = new RoutedVersion(1, "a") });
        Assert.Equal("b", (await _cluster.ReaderOn(Nodes[1], Name).ReadAsync(ModelSteps.Clip, null)).Text);

        await _cluster.Orleans.StartAdditionalSiloAsync();
        string joined = Nodes[^1];
        await _cluster.On(joined).GetGrain<IServingNodeGrain>($"serving@{joined}").RefreshAsync();
        Assert.Equal("b", (await _cluster.ReaderOn(joined, Name).ReadAsync(ModelSteps.Clip, null)).Text);
    }
}
