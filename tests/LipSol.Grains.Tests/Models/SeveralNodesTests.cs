using LipSol.Contracts.Models;
using LipSol.Contracts.Runs;
using LipSol.Contracts.Scheduling;
using LipSol.Contracts.Serving;
using LipSol.Grains.Tests.Cluster;
using LipSol.Language.Evaluation;

namespace LipSol.Grains.Tests.Models;

public sealed class SeveralNodesTests
{
    private static readonly ReadRequest Clip = new([1], null, null);

    [Fact]
    public async Task Every_node_serves_and_the_others_go_on_when_one_leaves()
    {
        await using LipSolCluster cluster = await LipSolCluster.StartAsync(silos: 2);
        await cluster.RegisterAsync();
        string run = await cluster.StartRunAsync();
        Evaluation evaluation = EvaluationFile.Create("data", Enumerable.Range(0, 50).Select(i => new EvaluatedSample($"c{i:00}", "s", true, "ایک", "ایک", 1)));
        await (await cluster.Workers.OfAsync(run)).EndAsync(RunStatus.Completed, outcome: LipSolCluster.Outcome("model", cluster.Models.Keep(evaluation)));
        await cluster.Model("m").RegisterAsync(run);
        Assert.True((await cluster.Model("m").PromoteAsync(1, new GatePolicy())).Promoted);

        // Both hold a request at once, so the reader must have used both.
        var both = new CountdownEvent(2);
        var go = new TaskCompletionSource();
        cluster.Models.Reading = _ =>
        {
            if (!both.IsSet && both.Signal()) go.SetResult();
            return go.Task;
        };
        Reading[] readings = await Task.WhenAll(cluster.Reader("m").ReadAsync(Clip, null), cluster.Reader("m").ReadAsync(Clip, null)).WaitAsync(Patience.Limit);
        Assert.Equal(cluster.Orleans.Silos.Select(s => s.Name).Order(), readings.Select(r => r.Node).Order());

        await cluster.Orleans.StopSiloAsync(cluster.Orleans.Silos[1]);
        string left = cluster.Orleans.Silos[0].Name;
        Reading[] after = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => cluster.Reader("m").ReadAsync(Clip, null))).WaitAsync(Patience.Limit);
        Assert.All(after, r => Assert.Equal(left, r.Node));
    }

    [Fact]
    public async Task A_run_is_started_on_the_node_whose_slot_it_holds_or_not_at_all()
    {
        await using LipSolCluster cluster = await LipSolCluster.StartAsync(silos: 2);
        await cluster.Scheduler.RegisterNodeAsync(new NodeRegistration("nowhere", [new Slot(0, "cuda:0", 4)], "1"));
        string run = await cluster.StartRunAsync(restarts: 0);
        using var limit = new CancellationTokenSource(Patience.Limit);
        RunRecord waits;
        do
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
            waits = (await cluster.Run(run).GetAsync())!;
        }
        while (waits.Attempts is not [{ Ended: not null }]);
        Assert.Equal((RunStatus.Queued, "nowhere"), (waits.Status, waits.Attempts[0].Node));
        Assert.Contains("nowhere", waits.Reason);
        Assert.Equal(0, cluster.Workers.Started);
        await cluster.Run(run).StopAsync("seen");

        foreach (string node in cluster.Orleans.Silos.Select(s => s.Name))
            await cluster.Scheduler.RegisterNodeAsync(new NodeRegistration(node, [new Slot(0, "cpu", 1)], "1"));
        await cluster.Scheduler.UnregisterNodeAsync("nowhere", "1");
        string[] runs = [await cluster.StartRunAsync("a"), await cluster.StartRunAsync("b")];
        foreach (string id in runs) await cluster.Workers.OfAsync(id);
        Assert.Equal(cluster.Orleans.Silos.Select(s => s.Name).Order(), (await cluster.Scheduler.GetAsync()).Leases.Select(l => l.Node).Order());
    }
}
