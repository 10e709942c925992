using LipSol.Contracts.Runs;
using LipSol.Contracts.Scheduling;
using LipSol.Grains.Tests.Cluster;

namespace LipSol.Grains.Tests.Scheduling;

public sealed class SchedulerTests : IAsyncLifetime
{
    private LipSolCluster _cluster = null!;

    public async ValueTask InitializeAsync() => _cluster = await LipSolCluster.StartAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task There_is_at_most_one_live_lease_on_a_slot()
    {
        const int runs = 12, slots = 2;
        var random = new Random(3);
        await _cluster.RegisterAsync(slots);
        string[] ids = await Task.WhenAll(Enumerable.Range(0, runs).Select(i => _cluster.StartRunAsync($"{i}", restarts: 1)));
        Task[] lives = [.. ids.Select(LiveAsync)];
        while (!Task.WhenAll(lives).IsCompleted)
        {
            SchedulerView view = await _cluster.Scheduler.GetAsync();
            Assert.Equal(view.Leases.Count, view.Leases.DistinctBy(l => (l.Node, l.Slot)).Count());
            Assert.Equal(view.Leases.Count, view.Leases.DistinctBy(l => l.RunId).Count());
            Assert.True(_cluster.Workers.Alive.Count() <= slots);
        }
        await Task.WhenAll(lives);
        Assert.Empty((await _cluster.Scheduler.GetAsync()).Leases);
        foreach (string id in ids) Assert.Equal(RunStatus.Completed, (await _cluster.Run(id).GetAsync())!.Status);

        async Task LiveAsync(string run)
        {
            FakeWorker worker = await _cluster.Workers.OfAsync(run);
            await worker.MetricsAsync(1, ("loss", 0, 1));
            if (random.Next(2) == 0)
            {
                await worker.EndAsync(RunStatus.Interrupted, "crash");
                worker = await _cluster.Workers.OfAsync(run);
            }
            await worker.EndAsync(RunStatus.Completed, outcome: LipSolCluster.Outcome(run));
        }
    }

    [Fact]
    public async Task Runs_of_higher_priority_go_first_then_those_that_came_first()
    {
        string low = await _cluster.StartRunAsync("low");
        string lowToo = await _cluster.StartRunAsync("low too");
        string high = await _cluster.StartRunAsync("high", priority: 5);
        Assert.Equal([high, low, lowToo], (await _cluster.Scheduler.GetAsync()).Queue.Select(q => q.RunId));

        await _cluster.RegisterAsync();
        foreach (string expected in new[] { high, low, lowToo })
        {
            FakeWorker worker = await _cluster.Workers.OfAsync(expected);
            Assert.Equal(expected, Assert.Single((await _cluster.Scheduler.GetAsync()).Leases).RunId);
            await worker.EndAsync(RunStatus.Completed, outcome: LipSolCluster.Outcome(expected));
        }
    }

    [Fact]
    public async Task A_run_that_waits_says_why()
    {
        await _cluster.RegisterAsync();
        await _cluster.Workers.OfAsync(await _cluster.StartRunAsync("holds"));
        await _cluster.StartRunAsync("next");
        await _cluster.StartRunAsync("later");
        Assert.Equal(["1 of 1 slots are taken; it's the next", "1 of 1 slots are taken; one run is before it"], (await _cluster.Scheduler.GetAsync()).Queue.Select(q => q.Waits));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_runs_of_a_node_that_was_started_anew_go_on_from_their_last_checkpoint_or_wait_where_a_program_owns_the_node(bool owned)
    {
        string folder = Directory.CreateTempSubdirectory("lipsol-restart-").FullName;
        try
        {
            string running, queued;
            long epoch;
            await using (LipSolCluster before = await LipSolCluster.StartAsync(folder))
            {
                await before.RegisterAsync(incarnation: "first", owned: owned);
                running = await before.StartRunAsync("running");
                queued = await before.StartRunAsync("queued");
                FakeWorker worker = await before.Workers.OfAsync(running);
                epoch = worker.Epoch;
                await worker.MetricsAsync(1, ("loss", 0, 1.5));
                await worker.CheckpointAsync("checkpoint-0", 0);
                await before.Orleans.KillSiloAsync(before.Orleans.Silos[0]);
            }

            await using LipSolCluster after = await LipSolCluster.StartAsync(folder);
            Assert.DoesNotContain(await after.RegisterAsync(incarnation: "second", owned: owned), l => l.RunId == running);
            // The queued one waited before, so it's served first.
            FakeWorker next = await after.Workers.OfAsync(queued);
            RunRecord record = (await after.Run(running).GetAsync())!;
            Assert.Equal(owned ? RunStatus.Interrupted : RunStatus.Queued, record.Status);
            Assert.Contains("started anew", record.Reason);
            Assert.Equal(owned, record.EndedAt is not null);
            Assert.Equal(1.5, record.Metrics["loss"].Last);
            Assert.Equal([1.5], (await after.Run(running).GetMetricsAsync("loss", 10)).Select(p => p.Value));

            Assert.True(next.Epoch > epoch);
            await next.EndAsync(RunStatus.Completed, outcome: LipSolCluster.Outcome("model"));
            if (owned) await after.Run(running).ResumeAsync();
            FakeWorker goesOn = await after.Workers.OfAsync(running);
            Assert.Equal("checkpoint-0", goesOn.Start.ResumeFrom!.Artifact);
            Assert.True(goesOn.Epoch > next.Epoch);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_node_that_is_not_heard_of_loses_its_leases_and_gets_none_until_it_is_back()
    {
        await _cluster.RegisterAsync();
        string run = await _cluster.StartRunAsync();
        FakeWorker worker = await _cluster.Workers.OfAsync(run);
        _cluster.Time.Advance(TimeSpan.FromSeconds(29));
        await _cluster.RegisterAsync();
        _cluster.Time.Advance(TimeSpan.FromSeconds(29));
        await _cluster.Scheduler.ReconcileAsync();
        Assert.Equal(RunStatus.Running, (await _cluster.Run(run).GetAsync())!.Status);

        _cluster.Time.Advance(TimeSpan.FromSeconds(2));
        await _cluster.Scheduler.ReconcileAsync();
        RunRecord record = (await _cluster.Run(run).GetAsync())!;
        Assert.Equal(RunStatus.Queued, record.Status);
        Assert.Contains("restart 1 of at most 3", record.Reason);
        Assert.Contains("hasn't been heard of for 30 s", record.Reason);
        await Assert.ThrowsAsync<StaleLeaseException>(() => worker.MetricsAsync(1, ("loss", 0, 1)));
        Assert.Equal("no node is up", Assert.Single((await _cluster.Scheduler.GetAsync()).Queue).Waits);

        // The same incarnation comes back: its old lease isn't among those it holds.
        await _cluster.RegisterAsync();
        Assert.True((await _cluster.Workers.OfAsync(run)).Epoch > worker.Epoch);
        Assert.DoesNotContain(await _cluster.RegisterAsync(), l => l.Epoch == worker.Epoch);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_node_that_leaves_lets_its_workers_write_a_last_checkpoint_and_their_runs_go_on_or_wait_where_a_program_owns_it(bool owned)
    {
        await _cluster.RegisterAsync(owned: owned);
        string run = await _cluster.StartRunAsync(restarts: 0), waiting = await _cluster.StartRunAsync("waiting");
        FakeWorker worker = await _cluster.Workers.OfAsync(run);
        await _cluster.Scheduler.UnregisterNodeAsync(_cluster.Node, "another incarnation");
        Assert.Single((await _cluster.Scheduler.GetAsync()).Nodes);

        await _cluster.Scheduler.UnregisterNodeAsync(_cluster.Node, "first");
        await worker.CheckpointAsync("last", 7);
        await worker.EndAsync(RunStatus.Interrupted, "the node shut down");
        RunRecord record = (await _cluster.Run(run).GetAsync())!;
        Assert.Equal(owned ? RunStatus.Interrupted : RunStatus.Queued, record.Status);
        Assert.Contains("was shut down", record.Reason);
        Assert.Equal("last", record.Checkpoints[^1].Artifact);
        SchedulerView view = await _cluster.Scheduler.GetAsync();
        Assert.Empty(view.Nodes);
        Assert.Empty(view.Leases);
        Assert.Equal(owned ? [waiting] : [waiting, run], view.Queue.Select(q => q.RunId));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_node_that_left_before_its_workers_ended_does_not_leave_their_runs_running(bool comesBack)
    {
        await _cluster.RegisterAsync();
        string run = await _cluster.StartRunAsync();
        (await _cluster.Workers.OfAsync(run)).Vanish();
        await _cluster.Scheduler.UnregisterNodeAsync(_cluster.Node, "first");
        if (comesBack)
        {
            await _cluster.RegisterAsync(incarnation: "second");
        }
        else
        {
            _cluster.Time.Advance(TimeSpan.FromSeconds(31));
            await _cluster.Scheduler.ReconcileAsync();
        }
        RunRecord record = (await _cluster.Run(run).GetAsync())!;
        Assert.NotEqual(RunStatus.Running, comesBack ? RunStatus.Queued : record.Status);
        Assert.Contains("was shut down", record.Attempts[0].Ended);
        if (comesBack) Assert.NotEqual(1, (await _cluster.Workers.OfAsync(run)).Epoch);
        else Assert.Empty((await _cluster.Scheduler.GetAsync()).Leases);
    }

    [Fact]
    public async Task A_worker_that_is_gone_without_a_word_is_started_again()
    {
        await _cluster.RegisterAsync();
        string run = await _cluster.StartRunAsync();
        FakeWorker worker = await _cluster.Workers.OfAsync(run);
        worker.Vanish();
        await _cluster.Scheduler.ReconcileAsync();
        Assert.Equal(RunStatus.Running, (await _cluster.Run(run).GetAsync())!.Status);
        _cluster.Time.Advance(TimeSpan.FromMinutes(2));
        await _cluster.RegisterAsync();
        await _cluster.Scheduler.ReconcileAsync();
        Assert.True((await _cluster.Workers.OfAsync(run)).Epoch > worker.Epoch);
    }

    [Fact]
    public async Task A_run_that_the_scheduler_has_forgotten_is_found_again()
    {
        string queued = await _cluster.StartRunAsync("queued");
        await _cluster.Scheduler.ReleaseAsync(queued, 0);
        Assert.Empty((await _cluster.Scheduler.GetAsync()).Queue);
        // A record that says Running while there's no lease: what a crash between two writes leaves.
        string running = await _cluster.StartRunAsync("running");
        await _cluster.Scheduler.ReleaseAsync(running, 0);
        await _cluster.Run(running).BeginAttemptAsync(1000, "gone", 1);

        await _cluster.Scheduler.ReconcileAsync();
        Assert.Equal([queued, running], (await _cluster.Scheduler.GetAsync()).Queue.Select(q => q.RunId));
        Assert.Contains("restart 1", (await _cluster.Run(running).GetAsync())!.Reason);
    }

    [Fact]
    public async Task A_lease_whose_run_went_on_without_it_is_ended()
    {
        await _cluster.RegisterAsync();
        string run = await _cluster.StartRunAsync();
        FakeWorker worker = await _cluster.Workers.OfAsync(run);
        await _cluster.Run(run).LoseLeaseAsync(worker.Epoch, "as if its message to the scheduler had been lost", goesOn: false);
        Assert.Single((await _cluster.Scheduler.GetAsync()).Leases);
        _cluster.Time.Advance(TimeSpan.FromMinutes(2));
        await _cluster.RegisterAsync();
        await _cluster.Scheduler.ReconcileAsync();
        Assert.Empty((await _cluster.Scheduler.GetAsync()).Leases);
    }
}
