using LipSol.Client;

namespace LipSol.Cluster.Tests.Training;

/// <summary>A node that is killed while it trains.</summary>
public sealed class NodeKilledTests
{
    private const int Epochs = 120;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task What_a_killed_node_had_acknowledged_is_kept_once_and_its_run_goes_on_without_a_hole()
    {
        using var folder = new TemporaryFolder();
        BrightCorpus.WriteTo(folder.Path);
        var seen = new SeenPoints();
        TrainingRun run;
        await using (var node = await NodeProcess.StartAsync(folder.Path))
        {
            run = await TrainingRun.StartAsync(node.Client, Epochs);
            var worker = await run.FindWorkerAsync(node);
            await seen.FollowAsync(node, run, until: 100);
            await node.KillAsync();
            await Eventually.TrueAsync("end of the worker of the killed node", TimeSpan.FromSeconds(20), () => !worker.IsAlive);
        }

        await using var again = await NodeProcess.StartAsync(folder.Path);
        await seen.AssertAllAreKeptAsync(again, run, except: "clips_per_second");
        var done = await run.WaitForAsync(again, RunStatus.Completed, Patience);
        Assert.Contains("started anew", done.Attempts[0].Ended);
        Assert.Equal(2, done.Attempts.Count);
        Assert.Contains("word_accuracy", done.Figures.Keys);
        await LossCurve.AssertWholeAsync(again, run, Epochs);
    }
}
