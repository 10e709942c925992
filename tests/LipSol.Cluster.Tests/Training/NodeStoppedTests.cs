using LipSol.Client;
using LipSol.Cluster.Tests.Nodes;
using LipSol.Cluster.Tests.Processes;

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
            var interrupted = await node.Client.Runs.GetAsync(run.Id);
            Assert.Equal(RunStatus.Interrupted, interrupted.Status);
            Assert.Contains("shut down", interrupted.Reason);
            Assert.Contains("checkpoint", interrupted.Artifacts.Keys);
            await seen.AssertAllAreKeptAsync(node, run);

            await node.Client.Runs.ResumeAsync(run.Id);
            await seen.FollowAsync(node, run, until: seen.Count + 30);
            // Ctrl-C, as a terminal sends it.
            node.Send(Signal.Interrupt);
            Assert.Equal(0, await node.WaitForExitAsync(TimeSpan.FromSeconds(40)));
        }

        await using var last = await NodeProcess.StartAsync(folder.Path);
        Assert.Equal(RunStatus.Interrupted, (await last.Client.Runs.GetAsync(run.Id)).Status);
        await last.Client.Runs.ResumeAsync(run.Id);
        await run.WaitForAsync(last, RunStatus.Completed, Patience);
        await LossCurve.AssertWholeAsync(last, run, Epochs);
        await LossCurve.AssertAttemptsGoOnWhereTheOneBeforeStoppedAsync(last, run);
    }

    [Fact]
    public async Task What_kills_lipsol_up_kills_the_node()
    {
        using var folder = new TemporaryFolder();
        await using (var node = await NodeProcess.StartWithUpAsync(folder.Path))
        {
            Assert.Equal(node.ProcessId, NodeFile.Read(folder.Path)!.ProcessId);
            await node.KillAsync();
        }
        await using var again = await NodeProcess.StartAsync(folder.Path);
        Assert.Empty((await again.Client.GetNodeAsync()).Queue);
    }
}
