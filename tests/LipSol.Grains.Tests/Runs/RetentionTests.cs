using LipSol.Contracts.Models;
using LipSol.Contracts.Runs;
using LipSol.Grains.Tests.Cluster;

namespace LipSol.Grains.Tests.Runs;

public sealed class RetentionTests : IAsyncLifetime
{
    private LipSolCluster _cluster = null!;

    public async ValueTask InitializeAsync() => _cluster = await LipSolCluster.StartAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task A_run_keeps_its_last_and_its_best_checkpoint_and_the_others_leave_the_store()
    {
        (string run, FakeWorker worker) = await RunningAsync();
        await WriteAsync(worker, ("a", 0.1), ("b", 0.9), ("c", 0.5), ("d", null));
        Assert.Equal(["b", "d"], await KeptAsync(run));
        Assert.Equal(["a", "c"], _cluster.Artifacts.Removed);
        Assert.Equal([2, 4], (await _cluster.Run(run).GetAsync())!.Checkpoints.Select(c => c.Number));
    }

    [Fact]
    public async Task A_run_keeps_what_its_spec_says()
    {
        (string run, FakeWorker worker) = await RunningAsync("every 2");
        await WriteAsync(worker, ("a", 0.9), ("b", 0.1), ("c", 0.2), ("d", 0.3), ("e", 0.4));
        Assert.Equal(["b", "d", "e"], await KeptAsync(run));
        Assert.Equal(["a", "c"], _cluster.Artifacts.Removed);
    }

    [Fact]
    public async Task The_current_checkpoint_is_written_down_before_another_is_removed()
    {
        (_, FakeWorker worker) = await RunningAsync("last");
        await worker.CheckpointAsync("a", 1);
        string[] current = [];
        // The index is written behind the record: what it names, a grain that died here would find.
        _cluster.Artifacts.Removing = async _ => current = [.. (await _cluster.Index.ListAsync(new RunQuery(null, null, 0, 1), CancellationToken.None))[0].Checkpoints.Select(c => c.Artifact)];
        await worker.CheckpointAsync("b", 2);
        Assert.Equal(["a"], _cluster.Artifacts.Removed);
        Assert.Equal(["b"], current);
    }

    [Fact]
    public async Task A_grain_that_dies_before_the_removal_removes_later_and_goes_on_from_the_current_checkpoint()
    {
        (string run, FakeWorker worker) = await RunningAsync("last");
        await worker.CheckpointAsync("a", 1);
        bool broken = true;
        _cluster.Artifacts.Removing = _ => broken ? Task.FromException(new IOException("The store is gone.")) : Task.CompletedTask;
        await worker.CheckpointAsync("b", 2);
        Assert.Empty(_cluster.Artifacts.Removed);
        // Gone with its timers; what is to be removed is in the state.
        await _cluster.DeactivateAsync(run);
        broken = false;
        Assert.Equal(["b"], await KeptAsync(run));
        await _cluster.Artifacts.IsRemovedAsync("a");
        await worker.EndAsync(RunStatus.Interrupted, "killed");
        FakeWorker next = await _cluster.Workers.OfAsync(run);
        Assert.Equal("b", next.Start.ResumeFrom!.Artifact);
        Assert.Equal(["a"], _cluster.Artifacts.Removed);
    }

    [Fact]
    public async Task A_removal_that_fails_is_tried_again_and_costs_the_run_nothing()
    {
        (string run, FakeWorker worker) = await RunningAsync("last");
        int tries = 0;
        _cluster.Artifacts.Removing = _ => ++tries < 3 ? Task.FromException(new IOException("The disk is read-only.")) : Task.CompletedTask;
        await WriteAsync(worker, ("a", null), ("b", null));
        await _cluster.Artifacts.IsRemovedAsync("a");
        Assert.Equal(["b"], await KeptAsync(run));
        Assert.Equal(RunStatus.Running, (await _cluster.Run(run).GetAsync())!.Status);
    }

    [Fact]
    public async Task The_checkpoint_that_a_running_attempt_went_on_from_stays_until_the_attempt_ends()
    {
        (string run, FakeWorker worker) = await RunningAsync("last");
        await worker.CheckpointAsync("a", 1);
        await worker.EndAsync(RunStatus.Interrupted, "killed");
        FakeWorker second = await _cluster.Workers.OfAsync(run);
        Assert.Equal("a", second.Start.ResumeFrom!.Artifact);
        // It may still be fetching the checkpoint while another is written.
        await WriteAsync(second, ("b", null), ("c", null));
        Assert.Equal(["b"], _cluster.Artifacts.Removed);
        await second.EndAsync(RunStatus.Interrupted, "killed");
        await _cluster.Artifacts.IsRemovedAsync("a");
        Assert.Equal("c", (await _cluster.Workers.OfAsync(run)).Start.ResumeFrom!.Artifact);
    }

    [Fact]
    public async Task What_two_checkpoints_share_goes_with_the_last_of_them()
    {
        (string run, FakeWorker worker) = await RunningAsync("last");
        await worker.CheckpointAsync("same", 1);
        await worker.CheckpointAsync("same", 2);
        Assert.Empty(_cluster.Artifacts.Removed);
        await worker.CheckpointAsync("other", 3);
        Assert.Equal(["same"], _cluster.Artifacts.Removed);
        // Content that comes back is current again, whatever was to be removed.
        _cluster.Artifacts.Removing = _ => Task.FromException(new IOException());
        await worker.CheckpointAsync("third", 4);
        await worker.CheckpointAsync("other", 5);
        _cluster.Artifacts.Removing = _ => Task.CompletedTask;
        await _cluster.Artifacts.IsRemovedAsync("third");
        Assert.Equal(["same", "third"], _cluster.Artifacts.Removed);
        Assert.Equal(["other"], await KeptAsync(run));
    }

    [Fact]
    public async Task What_another_run_started_from_or_has_as_a_checkpoint_stays_until_that_run_lets_it_go()
    {
        (_, FakeWorker worker) = await RunningAsync("last", slots: 2);
        await WriteAsync(worker, ("shared", null));
        string other = await _cluster.Experiment("vowels").StartRunAsync(LipSolCluster.Spec() with { Keep = CheckpointRetention.Parse("last") }, "other");
        FakeWorker second = await _cluster.Workers.OfAsync(other);
        await WriteAsync(second, ("shared", null));
        await _cluster.Experiment("vowels").StartRunAsync(LipSolCluster.Spec() with { InitFrom = new InitialWeights { Kind = WeightsKind.File, Id = "b", Weights = "weights" } }, "third");

        await WriteAsync(worker, ("weights", null), ("c", null));
        Assert.Empty(_cluster.Artifacts.Removed);
        await second.CheckpointAsync("d", 9);
        Assert.Equal(["shared"], _cluster.Artifacts.Removed);
    }

    [Fact]
    public async Task What_the_store_had_before_a_run_named_it_stays_when_the_run_lets_it_go()
    {
        (string run, FakeWorker worker) = await RunningAsync("last");
        await worker.CheckpointAsync("others", 1, wasThere: true);
        await worker.CheckpointAsync("own", 2);
        await worker.CheckpointAsync("others", 3, wasThere: true);
        Assert.Equal(["own"], _cluster.Artifacts.Removed);
        await worker.CheckpointAsync("last", 4);
        // Its own, also where it's found there by an attempt that makes it again.
        await worker.CheckpointAsync("last", 5, wasThere: true);
        await worker.CheckpointAsync("others", 6, wasThere: true);
        Assert.Equal(["own", "last"], _cluster.Artifacts.Removed);
        await worker.EndAsync(RunStatus.Failed, "done");
        await _cluster.Run(run).DeleteAsync();
        await _cluster.Run(run).PurgeAsync();
        Assert.Equal(["own", "last"], _cluster.Artifacts.Removed);
    }

    [Fact]
    public async Task What_a_model_version_is_made_of_stays()
    {
        (_, FakeWorker worker) = await RunningAsync("last");
        await worker.CheckpointAsync("a", 1);
        await _cluster.Model("urdu").ImportAsync(new ModelImport
        {
            RunId = "theirs",
            DataHash = "data",
            Outcome = LipSolCluster.Outcome("model") with { Artifacts = new() { ["start.lipsol"] = "a" } },
            Origin = new ModelOrigin { Model = "urdu", Version = 1, Registered = DateTimeOffset.UnixEpoch, CodeVersion = "0.1.0", Bundle = "bundle" },
        });
        await WriteAsync(worker, ("b", null), ("c", null));
        Assert.Equal(["b"], _cluster.Artifacts.Removed);
    }

    [Fact]
    public async Task A_purge_removes_the_runs_checkpoints_but_no_others()
    {
        (string run, FakeWorker worker) = await RunningAsync("all", slots: 2);
        await WriteAsync(worker, ("a", null), ("shared", null), ("b", null));
        await worker.EndAsync(RunStatus.Completed, outcome: LipSolCluster.Outcome("model", "evaluation"));
        (_, FakeWorker other) = await RunningAsync("all", request: "2");
        await WriteAsync(other, ("shared", null));
        await _cluster.Run(run).DeleteAsync();
        Assert.Empty(_cluster.Artifacts.Removed);
        await _cluster.Run(run).PurgeAsync();
        Assert.Equal(["a", "b"], _cluster.Artifacts.Removed);
        Assert.Null(await _cluster.Run(run).GetAsync());
    }

    [Fact]
    public async Task A_purge_that_cant_remove_checkpoints_is_told_and_can_be_done_again()
    {
        (string run, FakeWorker worker) = await RunningAsync("all");
        await WriteAsync(worker, ("a", null), ("b", null));
        await worker.EndAsync(RunStatus.Stopped, "enough");
        await _cluster.Run(run).DeleteAsync();
        bool broken = true;
        _cluster.Artifacts.Removing = hash => broken && hash == "b" ? Task.FromException(new IOException("read-only")) : Task.CompletedTask;
        Assert.Contains("isn't purged yet", (await Assert.ThrowsAsync<RefusedException>(() => _cluster.Run(run).PurgeAsync())).Message);
        // Nothing refers to what may be gone.
        Assert.Empty((await _cluster.Run(run).GetAsync())!.Checkpoints);
        broken = false;
        await _cluster.Run(run).PurgeAsync();
        Assert.Equal(["a", "b"], _cluster.Artifacts.Removed.Distinct());
        Assert.Null(await _cluster.Run(run).GetAsync());
    }

    private async Task<(string Run, FakeWorker Worker)> RunningAsync(string? keep = null, int slots = 1, string request = "1")
    {
        string run = await _cluster.Experiment("vowels").StartRunAsync(LipSolCluster.Spec() with { Keep = keep is null ? null : CheckpointRetention.Parse(keep) }, request);
        await _cluster.RegisterAsync(slots);
        return (run, await _cluster.Workers.OfAsync(run));
    }

    private static async Task WriteAsync(FakeWorker worker, params (string Artifact, double? Score)[] checkpoints)
    {
        long step = worker.Epoch * 1000;
        foreach ((string artifact, double? score) in checkpoints) await worker.CheckpointAsync(artifact, ++step, score);
    }

    private async Task<IEnumerable<string>> KeptAsync(string run) => (await _cluster.Run(run).GetAsync())!.Checkpoints.Select(c => c.Artifact);
}
