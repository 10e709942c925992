using LipSol.Client;

namespace LipSol.Cluster.Tests.Training;

/// <summary>A node that is asked to stop while it trains.</summary>
[Trait("Category", "Long")]
public sealed class NodeStoppedTests
{
    private const int Epochs = 60;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task A_node_that_is_told_to_stop_writes_a_last_checkpoint_and_the_run_goes_on_from_there()
    {
        using var folder = new TemporaryFolder();
        BrightCorpus.WriteTo(folder.Path);
        TrainingRun run;
        LinuxProcess worker;
        var seen = new SeenPoints();
        await using (var node = await NodeProcess.StartWithUpAsync(folder.Path))
        {
            run = await TrainingRun.StartAsync(node.Client, Epochs);
            worker = await run.FindWorkerAsync(node);
            await seen.FollowAsync(node, run, until: 60);
            node.Send(Signal.Terminate);
            Assert.Equal(0, await node.WaitForExitAsync(TimeSpan.FromSeconds(40)));
            Assert.False(worker.IsAlive);
        }
        Assert.Null(NodeFile.Read(folder.Path));

        await using (var node = await NodeProcess.StartAsync(folder.Path))
        {
            var goesOn = await node.Client.Runs.GetAsync(run.Id);
            Assert.Contains("shut down", goesOn.Attempts[0].Ended);
            Assert.Contains("checkpoint", goesOn.Artifacts.Keys);
            await seen.AssertAllAreKeptAsync(node, run, except: "clips_per_second");

            await seen.FollowAsync(node, run, until: seen.Count + 30);
            // Ctrl-C, as a terminal sends it.
            node.Send(Signal.Interrupt);
            Assert.Equal(0, await node.WaitForExitAsync(TimeSpan.FromSeconds(40)));
        }

        await using var last = await NodeProcess.StartAsync(folder.Path);
        await run.WaitForAsync(last, RunStatus.Completed, Patience);
        await LossCurve.AssertWholeAsync(last, run, Epochs);
        await LossCurve.AssertAttemptsGoOnWhereTheOneBeforeStoppedAsync(last, run);
    }

    [Fact]
    public async Task What_kills_lipsol_up_ends_the_node_and_its_worker_and_nothing_acknowledged_is_lost()
    {
        using var folder = new TemporaryFolder();
        BrightCorpus.WriteTo(folder.Path);
        var seen = new SeenPoints();
        TrainingRun run;
        await using (var up = await NodeProcess.StartWithUpAsync(folder.Path))
        {
            // The node is a process of its own, a child of the command line.
            var node = Assert.Single(LinuxProcess.ChildrenOf(up.ProcessId), p => p.Id == NodeFile.Read(folder.Path)!.ProcessId);
            run = await TrainingRun.StartAsync(up.Client, Epochs);
            var worker = await run.FindWorkerAsync(up);
            await seen.FollowAsync(up, run, until: 60);
            Signal.Kill.Send(up.ProcessId);
            await Eventually.TrueAsync("end of the node whose command line was killed, and of its worker", TimeSpan.FromSeconds(40), () => !node.IsAlive && !worker.IsAlive);
        }
        Assert.Null(NodeFile.Read(folder.Path));

        await using var again = await NodeProcess.StartAsync(folder.Path);
        await seen.AssertAllAreKeptAsync(again, run, except: "clips_per_second");
        await run.WaitForAsync(again, RunStatus.Completed, Patience);
        await LossCurve.AssertWholeAsync(again, run, Epochs);
    }
}
