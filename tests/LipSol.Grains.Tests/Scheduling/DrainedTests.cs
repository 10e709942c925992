using LipSol.Contracts.Runs;
using LipSol.Contracts.Scheduling;
using LipSol.Grains.Tests.Cluster;

namespace LipSol.Grains.Tests.Scheduling;

/// <summary>What a run waits for where nodes are drained.</summary>
public sealed class DrainedTests : IAsyncLifetime
{
    private LipSolCluster _cluster = null!;

    public async ValueTask InitializeAsync() => _cluster = await LipSolCluster.StartAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task A_run_waits_for_the_drained_nodes_also_where_others_serve_and_never_train()
    {
        await RegisterAsync("serves", slots: 0);
        await RegisterAsync("trains", slots: 1);
        await _cluster.Scheduler.DrainAsync("trains");
        await _cluster.StartRunAsync();
        Assert.Equal("node trains is drained", await WaitsAsync());
        await RegisterAsync("trains too", slots: 1, drained: true);
        Assert.Equal("all nodes with slots are drained", await WaitsAsync());
    }

    [Fact]
    public async Task The_labels_that_a_run_could_ask_for_are_those_of_nodes_with_slots()
    {
        await RegisterAsync("serves", slots: 0, labels: ["a100"]);
        await RegisterAsync("trains", slots: 1, labels: ["old"]);
        await _cluster.StartRunAsync(needs: new RunNeeds { Labels = ["a100"] });
        Assert.Equal("no node has the label 'a100' (there are: old)", await WaitsAsync());
    }

    [Fact]
    public async Task What_was_asked_of_a_node_that_is_down_by_now_may_be_asked_again()
    {
        await RegisterAsync("trains", slots: 1);
        await _cluster.Scheduler.DrainAsync("trains");
        await _cluster.Scheduler.UnregisterNodeAsync("trains", "first");
        await _cluster.Scheduler.DrainAsync("trains");
        Assert.Equal(["trains"], (await _cluster.Scheduler.GetAsync()).Draining);
        await Assert.ThrowsAsync<RefusedException>(() => _cluster.Scheduler.DrainAsync("another"));
    }

    private async Task RegisterAsync(string node, int slots, bool drained = false, List<string>? labels = null)
    {
        var registration = new NodeRegistration(node, [.. Enumerable.Range(0, slots).Select(i => new Slot(i, "cpu", 1))], "first") { Labels = labels ?? [] };
        if (drained)
        {
            // Known before it's drained, and nothing starts on it in between.
            await _cluster.Scheduler.RegisterNodeAsync(registration with { Slots = [] });
            await _cluster.Scheduler.DrainAsync(node);
        }
        await _cluster.Scheduler.RegisterNodeAsync(registration);
    }

    private async Task<string> WaitsAsync() => Assert.Single((await _cluster.Scheduler.GetAsync()).Queue).Waits;
}
