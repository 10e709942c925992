using System.Text.RegularExpressions;
using LipSol.Client;

namespace LipSol.Cluster.Tests.Training;

/// <summary>A worker that is killed, crashes or hangs while it trains; its node lives on.</summary>
public sealed class WorkerKilledTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task A_worker_that_crashes_leaves_its_last_words_and_the_run_goes_on_as_often_as_it_may()
    {
        using var folder = new TemporaryFolder();
        BrightCorpus.WriteTo(folder.Path);
        await using var node = await NodeProcess.StartAsync(folder.Path);
        var seen = new SeenPoints();
        var run = await TrainingRun.StartAsync(node.Client, epochs: 10_000);
        // A checkpoint to start again from: a run that is stopped writes one.
        await seen.FollowAsync(node, run, until: 20);
        await node.Client.Runs.StopAsync(run.Id);
        await run.WaitForAsync(node, RunStatus.Stopped, Patience);
        var beforeResume = (await node.Client.Runs.GetMetricsAsync(run.Id)).Count;
        await node.Client.Runs.ResumeAsync(run.Id);

        // Ended before it trains, it wouldn't have crashed but not have come up.
        await seen.FollowAsync(node, run, until: beforeResume + 1);
        var worker = await run.FindWorkerAsync(node);
        worker.PrintOnItsStderr("libfancy: the sky is falling");
        // .NET lets the first one pass, expecting the instruction to fault again; a real fault would.
        var crashed = worker;
        await Eventually.TrueAsync("crash of the worker", Patience, () => !crashed.IsAlive || !Signal.SegmentationFault.TrySend(crashed.Id));
        // Three times it's started again, each time from the checkpoint; the fourth end is the last.
        for (var restart = 1; restart <= 3; restart++)
        {
            var before = (await node.Client.Runs.GetMetricsAsync(run.Id)).Count;
            worker = await run.FindWorkerAsync(node, otherThan: worker);
            Assert.Equal(RunStatus.Running, (await node.Client.Runs.GetAsync(run.Id)).Status);
            await seen.FollowAsync(node, run, until: before + 1);
            Signal.Kill.Send(worker.Id);
        }

        var given = await run.WaitForAsync(node, RunStatus.Failed, Patience);
        Assert.Contains("gave up after 3 restarts", given.Reason);
        Assert.Contains("signal 9", given.Reason);
        var log = await node.Client.Runs.GetLogAsync(run.Id);
        Assert.Contains("libfancy: the sky is falling", log);
        Assert.Contains("crashed (signal 11)", log);
        Assert.Equal(4, Regex.Count(log, @"attempt \d+ of word-gru .*, from the checkpoint at step \d+"));
        await seen.AssertAllAreKeptAsync(node, run);
        Assert.Equal("live", (await node.GetStringAsync("health/live")).Trim());
        Assert.Null((await node.Client.GetNodeAsync()).Slots.Single().RunId);
    }

    [Fact]
    [Trait("Category", "Long")]
    public async Task A_worker_that_hangs_is_noticed_and_the_run_goes_on()
    {
        using var folder = new TemporaryFolder();
        BrightCorpus.WriteTo(folder.Path);
        await using var node = await NodeProcess.StartAsync(folder.Path);
        var run = await TrainingRun.StartAsync(node.Client, epochs: 10_000);
        var worker = await run.FindWorkerAsync(node);
        Signal.Stop.Send(worker.Id);

        await run.FindWorkerAsync(node, otherThan: worker);
        Assert.False(worker.IsAlive);
        Assert.Contains("the worker hung: it gave no sign of life for 30 s", await node.Client.Runs.GetLogAsync(run.Id));
        Assert.Equal(RunStatus.Running, (await node.Client.Runs.GetAsync(run.Id)).Status);
    }

    [Fact]
    [Trait("Category", "Long")]
    public async Task A_worker_that_holds_more_memory_than_the_run_asked_for_is_ended_and_the_run_goes_on_as_often_as_it_may()
    {
        using var folder = new TemporaryFolder();
        BrightCorpus.WriteTo(folder.Path);
        await using var node = await NodeProcess.StartAsync(folder.Path);
        var run = await TrainingRun.StartAsync(node.Client, epochs: 10_000, new RunNeeds { Memory = 20 << 20 });
        var given = await run.WaitForAsync(node, RunStatus.Failed, Patience);
        Assert.Contains("gave up after 3 restarts", given.Reason);
        Assert.Contains("and the run asked for 20 MB. Ask for more, or let it use less", given.Reason);
        Assert.Equal(4, given.Attempts.Count);
    }

    [Fact]
    public async Task What_can_not_be_trained_fails_at_once_with_the_workers_own_words()
    {
        using var folder = new TemporaryFolder();
        BrightCorpus.WriteTo(folder.Path);
        await using var node = await NodeProcess.StartAsync(folder.Path);
        var started = await node.Client.Runs.StartAsync(new StartRun { Network = "word-gru", Corpus = BrightCorpus.Name, Parameters = new Dictionary<string, string> { ["epoch"] = "3" } });
        var run = await new TrainingRun(started.Id).WaitForAsync(node, RunStatus.Failed, Patience);
        Assert.Contains("epoch", run.Reason);
        Assert.Contains(run.Reason!, await node.Client.Runs.GetLogAsync(run.Id));
    }
}
