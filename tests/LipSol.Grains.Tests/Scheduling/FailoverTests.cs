using LipSol.Contracts.Runs;
using LipSol.Contracts.Scheduling;
using LipSol.Grains.Tests.Cluster;
using Orleans.TestingHost;

namespace LipSol.Grains.Tests.Scheduling;

/// <summary>Two silos; one of them dies. The clock of the scheduler stands still, so nothing here follows from silence.</summary>
public sealed class FailoverTests : IAsyncLifetime
{
    private LipSolCluster _cluster = null!;

    public async ValueTask InitializeAsync() => _cluster = await LipSolCluster.StartAsync(silos: 2);

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task The_run_of_a_node_that_dies_goes_on_elsewhere_from_its_last_checkpoint()
    {
        InProcessSiloHandle dies = _cluster.Orleans.Silos[1];
        await RegisterAsync(dies.Name, 1);
        string run = await _cluster.StartRunAsync();
        FakeWorker worker = await _cluster.Workers.OfAsync(run);
        await worker.MetricsAsync(1, ("loss", 0, 2), ("loss", 1, 1.5));
        await worker.CheckpointAsync("checkpoint-1", 1);
        await worker.MetricsAsync(2, ("loss", 2, 1.2));
        await RegisterAsync(_cluster.Node, 1);

        await _cluster.Orleans.KillSiloAsync(dies);
        // What a node does every few seconds; it also wakes a scheduler that died with the other silo.
        FakeWorker next = await EventuallyAsync(() => RegisterAsync(_cluster.Node, 1), _cluster.Workers.OfAsync(run));
        Assert.Equal("checkpoint-1", next.Start.ResumeFrom!.Artifact);
        Assert.True(next.Epoch > worker.Epoch);
        RunRecord record = (await _cluster.Run(run).GetAsync())!;
        Assert.Equal(_cluster.Node, record.Node);
        Assert.Contains($"Node {dies.Name} died.", record.Attempts[0].Ended);

        // What the dead node's worker had still to say may come late: nobody listens. The new one goes over the steps behind the checkpoint again.
        await Assert.ThrowsAsync<StaleLeaseException>(() => _cluster.Run(run).AppendMetricsAsync(worker.Epoch, 3, [new MetricPoint("loss", 3, 99, DateTimeOffset.UnixEpoch)]));
        await Assert.ThrowsAsync<StaleLeaseException>(() => _cluster.Run(run).RecordCheckpointAsync(worker.Epoch, new Checkpoint("checkpoint-3", 3, 1, DateTimeOffset.UnixEpoch)));
        await next.MetricsAsync(1, ("loss", 2, 1.2), ("loss", 3, 1.1));
        await next.EndAsync(RunStatus.Completed, outcome: LipSolCluster.Outcome("model"));
        Assert.Equal([2, 1.5, 1.2, 1.1], (await _cluster.Run(run).GetMetricsAsync("loss", 10)).Select(p => p.Value));
        Assert.Empty((await _cluster.Scheduler.GetAsync()).Leases);
    }

    [Fact]
    public async Task A_run_whose_nodes_die_again_and_again_is_given_up()
    {
        InProcessSiloHandle dies = _cluster.Orleans.Silos[1];
        await RegisterAsync(dies.Name, 1);
        string run = await _cluster.StartRunAsync(restarts: 0);
        await _cluster.Workers.OfAsync(run);
        await RegisterAsync(_cluster.Node, 1);
        await _cluster.Orleans.KillSiloAsync(dies);
        RunRecord record = await EventuallyAsync(() => RegisterAsync(_cluster.Node, 1), _cluster.ReachesAsync(run, RunStatus.Failed));
        Assert.Equal($"Node {dies.Name} died.", record.Reason);
    }

    [Fact]
    public async Task A_run_given_to_a_node_that_has_just_died_goes_elsewhere_at_once_and_is_charged_nothing()
    {
        await RegisterAsync("a-gone", 1);
        string run = await _cluster.StartRunAsync(restarts: 0);
        await RegisterAsync(_cluster.Node, 1);
        FakeWorker worker = await _cluster.Workers.OfAsync(run);
        Assert.Contains("Node a-gone couldn't be reached", (await _cluster.Run(run).GetAsync())!.Attempts[0].Ended);
        Assert.Equal(2, (await _cluster.Run(run).GetAsync())!.Attempts.Count);
        await worker.EndAsync(RunStatus.Completed, outcome: LipSolCluster.Outcome("model"));
        await _cluster.ReachesAsync(run, RunStatus.Completed);
    }

    private Task RegisterAsync(string node, int slots) =>
        _cluster.Scheduler.RegisterNodeAsync(new NodeRegistration(node, [.. Enumerable.Range(0, slots).Select(i => new Slot(i, "cpu", 1))], $"first of {node}"));

    private static async Task<T> EventuallyAsync<T>(Func<Task> again, Task<T> awaited)
    {
        while (!awaited.IsCompleted)
        {
            try
            {
                await again();
            }
            catch (Exception e) when (e is not RefusedException)
            {
                // The scheduler's silo is dead, and not everyone knows yet.
            }
            await Task.WhenAny(awaited, Task.Delay(100));
        }
        return await awaited;
    }
}
