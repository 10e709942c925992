using LipSol.Contracts.Runs;
using LipSol.Grains.Tests.Cluster;

namespace LipSol.Grains.Tests.Runs;

public sealed class RunTests
{
    private static RunOutcome Outcome => new() { ModelArtifact = "model", EvaluationArtifact = "evaluation", Figures = new() { ["word_accuracy"] = new Estimate(0.9, 0.8, 0.95, 100) } };

    [Fact]
    public async Task A_run_goes_from_the_queue_over_its_worker_to_its_outcome()
    {
        await using LipSolCluster cluster = await LipSolCluster.StartAsync();
        string run = await cluster.StartRunAsync();
        Assert.Equal(RunStatus.Queued, (await cluster.Run(run).GetAsync())!.Status);
        Assert.Equal("no node is up", Assert.Single((await cluster.Scheduler.GetAsync()).Queue).Waits);

        await cluster.RegisterAsync();
        FakeWorker worker = await cluster.Workers.OfAsync(run);
        Assert.Equal("0.001", worker.Start.Spec.Parameters["rate"]);
        await worker.MetricsAsync(1, ("loss", 0, 2.0), ("loss", 1, 1.5));
        await worker.CheckpointAsync("checkpoint-1", 1);
        await worker.EndAsync(RunStatus.Completed, outcome: Outcome);

        RunRecord record = (await cluster.Run(run).GetAsync())!;
        Assert.Equal(RunStatus.Completed, record.Status);
        Assert.Equal("model", record.Outcome!.ModelArtifact);
        Assert.Equal(new MetricSummary(1.5, 1, 1.5, 2.0), record.Metrics["loss"]);
        Assert.Equal("checkpoint-1", Assert.Single(record.Checkpoints).Artifact);
        Assert.Empty((await cluster.Scheduler.GetAsync()).Leases);
        Assert.Equal(run, Assert.Single(await cluster.History.ListAsync(new RunQuery("vowels", RunStatus.Completed, 0, 10))).Id);
    }
}
