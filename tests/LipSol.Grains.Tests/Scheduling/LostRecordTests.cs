using LipSol.Contracts.Runs;
using LipSol.Contracts.Scheduling;
using LipSol.Grains.Tests.Cluster;

namespace LipSol.Grains.Tests.Scheduling;

/// <summary>
/// Leases and places in the queue that name a run whose record is gone: deleting refuses runs that wait or run, so only a database that was restored or edited holds such.
/// </summary>
public sealed class LostRecordTests : IAsyncLifetime
{
    private LipSolCluster _cluster = null!;

    public async ValueTask InitializeAsync() => _cluster = await LipSolCluster.StartAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task A_place_in_the_queue_without_a_run_holds_up_nobody()
    {
        await _cluster.Scheduler.EnqueueAsync("nobody", priority: 9, needs: null);
        string behind = await _cluster.StartRunAsync();
        await _cluster.RegisterAsync();
        FakeWorker worker = await _cluster.Workers.OfAsync(behind);
        SchedulerView view = await _cluster.Scheduler.GetAsync();
        Assert.Empty(view.Queue);
        Assert.Equal(behind, Assert.Single(view.Leases).RunId);
        await worker.EndAsync(RunStatus.Completed, outcome: LipSolCluster.Outcome("model"));
        Assert.Empty((await _cluster.Scheduler.GetAsync()).Leases);
        Assert.Null(await _cluster.Run("nobody").GetAsync());
    }

    [Fact]
    public async Task A_lease_without_a_run_is_ended_and_its_slot_serves_the_next()
    {
        await _cluster.RegisterAsync();
        string run = await _cluster.StartRunAsync("lost");
        FakeWorker worker = await _cluster.Workers.OfAsync(run);
        string next = await _cluster.StartRunAsync("next");
        await _cluster.DeactivateAsync(run);
        _cluster.ExecuteSql($"DELETE FROM OrleansStorage WHERE GrainIdExtensionString = '{run}'");

        // Its worker can write nothing any more: its lease is of no run.
        await Assert.ThrowsAsync<RefusedException>(() => worker.MetricsAsync(1, ("loss", 0, 1)));
        await Assert.ThrowsAsync<RefusedException>(() => worker.CheckpointAsync("late", 1));
        _cluster.Time.Advance(TimeSpan.FromMinutes(2));
        await _cluster.RegisterAsync();
        await _cluster.Scheduler.ReconcileAsync();
        Assert.NotEqual(worker.Epoch, (await _cluster.Workers.OfAsync(next)).Epoch);
        Assert.Equal(next, Assert.Single((await _cluster.Scheduler.GetAsync()).Leases).RunId);
        // The node, which registers every few seconds, hears that the lease isn't among its own, and ends the worker.
        Assert.DoesNotContain(await _cluster.RegisterAsync(), l => l.RunId == run);
        Assert.Null(await _cluster.Run(run).GetAsync());
    }

    [Fact]
    public async Task A_node_that_held_a_lease_without_a_run_can_leave_and_come_back()
    {
        await _cluster.RegisterAsync();
        string run = await _cluster.StartRunAsync("lost");
        await _cluster.Workers.OfAsync(run);
        await _cluster.DeactivateAsync(run);
        _cluster.ExecuteSql($"DELETE FROM OrleansStorage WHERE GrainIdExtensionString = '{run}'");

        Assert.DoesNotContain(await _cluster.RegisterAsync(incarnation: "second"), l => l.RunId == run);
        string next = await _cluster.StartRunAsync("next");
        await _cluster.Workers.OfAsync(next);
    }

    [Fact]
    public async Task A_slot_is_given_to_another_run_once_the_one_that_lost_it_knows_even_if_the_scheduler_dies_in_between()
    {
        await _cluster.RegisterAsync();
        string run = await _cluster.StartRunAsync("loses");
        await _cluster.Workers.OfAsync(run);
        string next = await _cluster.StartRunAsync("next");
        _cluster.ExecuteSql($"CREATE TRIGGER away BEFORE UPDATE ON OrleansStorage WHEN OLD.GrainIdExtensionString = '{run}' BEGIN SELECT RAISE(FAIL, 'the database is away'); END");
        await _cluster.RegisterAsync(incarnation: "second");
        Assert.Equal(next, Assert.Single((await _cluster.Scheduler.GetAsync()).Queue).RunId);
        await _cluster.Orleans.DeactivateAsync(_cluster.Scheduler);
        await _cluster.RegisterAsync(incarnation: "second");
        Assert.Equal(next, Assert.Single((await _cluster.Scheduler.GetAsync()).Queue).RunId);
        Assert.Equal(RunStatus.Running, (await _cluster.Run(run).GetAsync())!.Status);

        _cluster.ExecuteSql("DROP TRIGGER away");
        _cluster.Time.Advance(TimeSpan.FromSeconds(20));
        await _cluster.RegisterAsync(incarnation: "second");
        await _cluster.Scheduler.ReconcileAsync();
        await _cluster.Workers.OfAsync(next);
        RunAttempt before = Assert.Single((await _cluster.Run(run).GetAsync())!.Attempts), after = Assert.Single((await _cluster.Run(next).GetAsync())!.Attempts);
        Assert.Contains("started anew", before.Ended);
        Assert.True(before.EndedAt <= after.StartedAt, $"{before.EndedAt} {after.StartedAt}");
    }
}
