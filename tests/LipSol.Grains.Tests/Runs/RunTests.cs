using LipSol.Contracts.Runs;
using LipSol.Contracts.Scheduling;
using LipSol.Grains.Tests.Cluster;

namespace LipSol.Grains.Tests.Runs;

public sealed class RunTests : IAsyncLifetime
{
    private LipSolCluster _cluster = null!;

    public async ValueTask InitializeAsync() => _cluster = await LipSolCluster.StartAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task A_run_goes_from_the_queue_over_its_worker_to_its_outcome()
    {
        string run = await _cluster.StartRunAsync();
        Assert.Equal(RunStatus.Queued, (await _cluster.Run(run).GetAsync())!.Status);
        Assert.Equal("no node is up", Assert.Single((await _cluster.Scheduler.GetAsync()).Queue).Waits);

        await _cluster.RegisterAsync();
        FakeWorker worker = await _cluster.Workers.OfAsync(run);
        Assert.Equal("0.001", worker.Start.Spec.Parameters["rate"]);
        await worker.MetricsAsync(1, ("loss", 0, 2.0), ("loss", 1, 1.5));
        await worker.CheckpointAsync("checkpoint-1", 1);
        await worker.EndAsync(RunStatus.Completed, outcome: LipSolCluster.Outcome("model"));

        RunRecord record = (await _cluster.Run(run).GetAsync())!;
        Assert.Equal(RunStatus.Completed, record.Status);
        Assert.Equal("model", record.Outcome!.ModelArtifact);
        Assert.Equal(new MetricSummary(1.5, 1, 1.5, 2.0), record.Metrics["loss"]);
        Assert.Equal("checkpoint-1", Assert.Single(record.Checkpoints).Artifact);
        Assert.Empty((await _cluster.Scheduler.GetAsync()).Leases);
        Assert.Equal(run, Assert.Single(await _cluster.History.ListAsync(new RunQuery("vowels", RunStatus.Completed, 0, 10))).Id);
    }

    [Fact]
    public async Task Reading_runs_starts_moves_and_wakes_nothing_whatever_they_are_at()
    {
        await _cluster.RegisterAsync();
        string completed = await _cluster.StartRunAsync("completed");
        await (await _cluster.Workers.OfAsync(completed)).EndAsync(RunStatus.Completed, outcome: LipSolCluster.Outcome("model"));
        string failed = await _cluster.StartRunAsync("failed", restarts: 0);
        await (await _cluster.Workers.OfAsync(failed)).EndAsync(RunStatus.Interrupted, "crash");
        string running = await _cluster.StartRunAsync("running");
        await _cluster.Workers.OfAsync(running);
        string stopped = await _cluster.StartRunAsync("stopped");
        await _cluster.Run(stopped).StopAsync("changed my mind");
        string queued = await _cluster.StartRunAsync("queued");
        string[] all = [completed, failed, running, stopped, queued];
        foreach (string run in all) await _cluster.DeactivateAsync(run);

        string before = await StateAsync();
        // The one that runs has an activity, so others' would be seen.
        Assert.Matches($"activities [^;]*{running}", before);
        foreach (string run in all)
        {
            Assert.NotNull(await _cluster.Run(run).GetAsync());
            await _cluster.Run(run).GetMetricsAsync(null, 10);
            await _cluster.History.ReadPointsAsync(run, null, "", -1, 10);
        }
        await _cluster.History.ListAsync(new RunQuery("vowels", null, 0, 10));
        await _cluster.History.SearchAsync(new RunSearch());
        Assert.Equal(before, await StateAsync());

        async Task<string> StateAsync()
        {
            SchedulerView view = await _cluster.Scheduler.GetAsync();
            DetailedGrainStatistic[] active = await _cluster.Orleans.Client.GetGrain<IManagementGrain>(0).GetDetailedGrainStatistics();
            List<RunRecord> records = await _cluster.History.ListAsync(new RunQuery("vowels", null, 0, 10));
            return $"{_cluster.Workers.Started} started; leases {string.Join(' ', view.Leases.Select(l => $"{l.RunId}@{l.Epoch}"))}; queue {string.Join(' ', view.Queue.Select(q => q.RunId))}; "
                + $"activities {string.Join(' ', active.Where(a => a.GrainType.Contains("RunActivity", StringComparison.Ordinal)).Select(a => a.GrainId.ToString()).Order(StringComparer.Ordinal))}; {string.Join(' ', records.Select(r => $"{r.Id} {r.Status} {r.Attempts.Count}"))}";
        }
    }

    [Fact]
    public async Task A_run_that_is_stopped_while_its_inputs_come_waits_for_none_of_them()
    {
        _cluster.Workers.Fetching = true;
        await _cluster.RegisterAsync();
        string run = await _cluster.StartRunAsync();
        FakeWorker worker = await _cluster.Workers.OfAsync(run);
        await _cluster.Run(run).StopAsync("too large");
        await worker.StopAsked;
        RunRecord record = await _cluster.ReachesAsync(run, RunStatus.Stopped);
        Assert.False(record.BadInput);
        Assert.Empty((await _cluster.Scheduler.GetAsync()).Leases);
    }

    [Fact]
    public async Task A_run_whose_data_may_not_be_used_any_more_fails_at_once()
    {
        _cluster.Workers.RefuseToStart = new RefusedException("a person has withdrawn");
        await _cluster.RegisterAsync();
        RunRecord record = await _cluster.ReachesAsync(await _cluster.StartRunAsync(), RunStatus.Failed);
        Assert.Equal((true, 1), (record.BadInput, record.Attempts.Count));
        Assert.Contains("has withdrawn", record.Reason);
    }

    [Fact]
    public async Task A_request_that_is_repeated_starts_one_run()
    {
        string[] runs = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _cluster.StartRunAsync("the same")));
        Assert.Single(runs.Distinct());
        Assert.NotEqual(runs[0], await _cluster.StartRunAsync("another"));
        Assert.Equal(2, (await _cluster.Experiment("vowels").GetAsync()).Runs);
        Assert.Equal(2, (await _cluster.Scheduler.GetAsync()).Queue.Count);
    }

    [Fact]
    public async Task An_acknowledged_metric_is_neither_lost_nor_doubled()
    {
        (string run, FakeWorker worker) = await StartAsync();
        await worker.MetricsAsync(1, ("loss", 0, 3), ("loss", 1, 2));
        await worker.MetricsAsync(1, ("loss", 0, 3), ("loss", 1, 2));
        await worker.MetricsAsync(2, ("loss", 2, 1));
        await _cluster.DeactivateAsync(run);
        await worker.MetricsAsync(2, ("loss", 2, 1));

        Assert.Equal([3, 2, 1], (await _cluster.Run(run).GetMetricsAsync("loss", 100)).Select(p => p.Value));
        Assert.Equal(new MetricSummary(1, 2, 1, 3), (await _cluster.Run(run).GetAsync())!.Metrics["loss"]);
        await worker.EndAsync(RunStatus.Failed, "enough");
        Assert.Equal(3, (await _cluster.FollowAsync(run)).Sum(e => e.Points.Count));
    }

    [Fact]
    public async Task A_stale_lease_can_write_nothing()
    {
        (string run, FakeWorker old) = await StartAsync();
        await old.MetricsAsync(1, ("loss", 0, 3));
        await old.EndAsync(RunStatus.Interrupted, "killed");
        FakeWorker current = await _cluster.Workers.OfAsync(run);
        await current.MetricsAsync(1, ("loss", 0, 2));
        RunRecord before = (await _cluster.Run(run).GetAsync())!;

        await Assert.ThrowsAsync<StaleLeaseException>(() => old.MetricsAsync(2, ("loss", 1, 99)));
        await Assert.ThrowsAsync<StaleLeaseException>(() => old.CheckpointAsync("stale", 1));
        await Assert.ThrowsAsync<StaleLeaseException>(() => _cluster.Run(run).HeartbeatAsync(old.Epoch, new WorkerHeartbeat(1, 1, "training", DateTimeOffset.UnixEpoch, 1)));
        await Assert.ThrowsAsync<StaleLeaseException>(() => _cluster.Run(run).BeginAttemptAsync(old.Epoch, "elsewhere", 1));
        await Assert.ThrowsAsync<StaleLeaseException>(() => _cluster.Metrics.AppendAsync(run, old.Epoch, 3, [new MetricPoint("loss", 1, 99, default)], CancellationToken.None));
        await old.EndAsync(RunStatus.Completed, outcome: LipSolCluster.Outcome("stale"));

        RunRecord after = (await _cluster.Run(run).GetAsync())!;
        Assert.Equal((before.Status, before.Epoch, before.Checkpoints.Count), (after.Status, after.Epoch, after.Checkpoints.Count));
        Assert.Null(after.Outcome);
        Assert.Equal([2], (await _cluster.Run(run).GetMetricsAsync(null, 100)).Select(p => p.Value));
        Assert.Equal(TimeSpan.Zero, await old.StopAsked);
        Assert.Single((await _cluster.Scheduler.GetAsync()).Leases);
    }

    [Fact]
    public async Task A_worker_that_crashes_goes_on_from_its_last_checkpoint_under_a_higher_epoch()
    {
        (string run, FakeWorker first) = await StartAsync();
        await first.MetricsAsync(1, ("loss", 0, 3), ("loss", 10, 2), ("loss", 20, 9));
        await first.CheckpointAsync("checkpoint-10", 10);
        await first.EndAsync(RunStatus.Interrupted, "out of memory");

        FakeWorker second = await _cluster.Workers.OfAsync(run);
        Assert.True(second.Epoch > first.Epoch);
        Assert.Equal("checkpoint-10", second.Start.ResumeFrom!.Artifact);
        await second.MetricsAsync(1, ("loss", 20, 1));
        await second.EndAsync(RunStatus.Completed, outcome: LipSolCluster.Outcome("model"));

        RunRecord record = (await _cluster.Run(run).GetAsync())!;
        Assert.Equal(RunStatus.Completed, record.Status);
        Assert.Equal(2, record.Attempts.Count);
        Assert.Contains("out of memory", record.Attempts[0].Ended);
        // What the first attempt wrote at step 20 is written over, in the summary too.
        Assert.Equal(new MetricSummary(1, 20, 1, 3), record.Metrics["loss"]);
        Assert.Equal([3, 2, 1], (await _cluster.Run(run).GetMetricsAsync("loss", 100)).Select(p => p.Value));
    }

    [Fact]
    public async Task A_worker_that_crashes_again_and_again_is_given_up_with_its_last_error()
    {
        (string run, FakeWorker worker) = await StartAsync(restarts: 2);
        await worker.EndAsync(RunStatus.Interrupted, "crash 1");
        await (await _cluster.Workers.OfAsync(run)).EndAsync(RunStatus.Interrupted, "crash 2");
        await (await _cluster.Workers.OfAsync(run)).EndAsync(RunStatus.Interrupted, "crash 3");

        RunRecord record = (await _cluster.Run(run).GetAsync())!;
        Assert.Equal(RunStatus.Failed, record.Status);
        Assert.Contains("crash 3", record.Reason);
        Assert.Empty((await _cluster.Scheduler.GetAsync()).Leases);
        Assert.Equal(3, _cluster.Workers.Started);
    }

    [Fact]
    public async Task An_error_of_the_training_itself_fails_the_run_at_once()
    {
        (string run, FakeWorker worker) = await StartAsync();
        await worker.EndAsync(RunStatus.Failed, "rate: 'abc' isn't a number");
        Assert.Equal((RunStatus.Failed, "rate: 'abc' isn't a number"), await StatusAsync(run));
        Assert.Equal(1, _cluster.Workers.Started);
    }

    [Fact]
    public async Task A_worker_that_cannot_be_started_fails_the_run_after_its_restarts()
    {
        _cluster.Workers.RefuseToStart = new InvalidOperationException("no such program");
        await _cluster.RegisterAsync();
        string run = await _cluster.StartRunAsync(restarts: 1);
        RunRecord record = await _cluster.ReachesAsync(run, RunStatus.Failed);
        Assert.Contains("no such program", record.Reason);
        Assert.Equal(2, record.Attempts.Count);
    }

    [Fact]
    public async Task A_queued_run_that_is_stopped_ends_at_once_and_can_be_resumed()
    {
        string run = await _cluster.StartRunAsync();
        await _cluster.Run(run).StopAsync("changed my mind");
        Assert.Equal((RunStatus.Stopped, "changed my mind"), await StatusAsync(run));
        Assert.Empty((await _cluster.Scheduler.GetAsync()).Queue);

        await _cluster.Run(run).ResumeAsync();
        await _cluster.RegisterAsync();
        Assert.True((await _cluster.Workers.OfAsync(run)).Alive);
    }

    [Fact]
    public async Task A_running_run_that_is_stopped_ends_with_its_worker()
    {
        (string run, FakeWorker worker) = await StartAsync();
        await _cluster.Run(run).StopAsync("enough seen");
        Assert.True(await worker.StopAsked > TimeSpan.Zero);
        Assert.Equal(RunStatus.Running, (await StatusAsync(run)).Status);
        // A worker that was killed since it didn't stop in time was stopped all the same.
        await worker.EndAsync(RunStatus.Interrupted, "killed");
        Assert.Equal((RunStatus.Stopped, "enough seen"), await StatusAsync(run));

        await _cluster.Run(run).ResumeAsync();
        Assert.True((await _cluster.Workers.OfAsync(run)).Epoch > worker.Epoch);
    }

    [Fact]
    public async Task A_completed_run_is_not_resumed_and_what_is_refused_says_why()
    {
        (string run, FakeWorker worker) = await StartAsync();
        await worker.EndAsync(RunStatus.Completed, outcome: LipSolCluster.Outcome("model"));
        Assert.Contains("completed", (await Assert.ThrowsAsync<RefusedException>(() => _cluster.Run(run).ResumeAsync())).Message);
        Assert.Contains("no run", (await Assert.ThrowsAsync<RefusedException>(() => _cluster.Run("none").StopAsync("?"))).Message);
        Assert.Null(await _cluster.Run("none").GetAsync());
        RunSpec nameless = LipSolCluster.Spec() with { Name = " " };
        Assert.Contains("name", (await Assert.ThrowsAsync<RefusedException>(() => _cluster.Experiment("vowels").StartRunAsync(nameless, "1"))).Message);
        await Assert.ThrowsAsync<RefusedException>(() => _cluster.FollowAsync("none"));
    }

    [Fact]
    public async Task A_diverged_loss_is_kept_as_it_is()
    {
        (string run, FakeWorker worker) = await StartAsync();
        await worker.MetricsAsync(1, ("loss", 0, 4), ("loss", 1, double.PositiveInfinity), ("loss", 2, double.NaN));
        await _cluster.DeactivateAsync(run);
        Assert.Equal([4, double.PositiveInfinity, double.NaN], (await _cluster.Run(run).GetMetricsAsync("loss", 10)).Select(p => p.Value));
        Assert.Equal(new MetricSummary(double.NaN, 2, 4, double.PositiveInfinity), (await _cluster.Run(run).GetAsync())!.Metrics["loss"]);
        await worker.EndAsync(RunStatus.Failed, "diverged");
        Assert.Equal(double.NaN, Assert.Single(await _cluster.History.ListAsync(new RunQuery(null, null, 0, 10))).Metrics["loss"].Last);
    }

    [Fact]
    public async Task A_checkpoint_that_is_told_again_changes_nothing()
    {
        (string run, FakeWorker worker) = await StartAsync();
        for (int i = 0; i < 3; i++) await worker.CheckpointAsync($"checkpoint-{i}", i);
        await worker.CheckpointAsync("checkpoint-2", 2);
        Checkpoint kept = Assert.Single((await _cluster.Run(run).GetAsync())!.Checkpoints);
        Assert.Equal(("checkpoint-2", 3), (kept.Artifact, kept.Number));
        Assert.Equal(["checkpoint-0", "checkpoint-1"], _cluster.Artifacts.Removed);
    }

    [Fact]
    public async Task The_index_is_made_again_from_the_records()
    {
        (string run, FakeWorker worker) = await StartAsync();
        await worker.EndAsync(RunStatus.Failed, "no");
        RunRecord record = (await _cluster.Run(run).GetAsync())!;
        await _cluster.Index.PutAsync(record with { Status = RunStatus.Running }, 0, CancellationToken.None);
        Assert.Equal(RunStatus.Failed, Assert.Single(await _cluster.History.ListAsync(new RunQuery(null, null, 0, 10))).Status);

        _cluster.ExecuteSql("DELETE FROM RunIndex");
        Assert.Empty(await _cluster.History.ListAsync(new RunQuery(null, null, 0, 10)));
        Assert.Equal(1, await _cluster.History.RebuildAsync());
        Assert.Equal(run, Assert.Single(await _cluster.History.ListAsync(new RunQuery(null, null, 0, 10))).Id);
    }

    private async Task<(string Run, FakeWorker Worker)> StartAsync(int restarts = 3)
    {
        await _cluster.RegisterAsync();
        string run = await _cluster.StartRunAsync(restarts: restarts);
        return (run, await _cluster.Workers.OfAsync(run));
    }

    private async Task<(RunStatus Status, string? Reason)> StatusAsync(string run)
    {
        RunRecord record = (await _cluster.Run(run).GetAsync())!;
        return (record.Status, record.Reason);
    }
}
