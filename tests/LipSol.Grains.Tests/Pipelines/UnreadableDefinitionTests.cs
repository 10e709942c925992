using LipSol.Contracts.Runs;
using LipSol.Grains.Tests.Cluster;
using LipSol.Pipelines;

namespace LipSol.Grains.Tests.Pipelines;

/// <summary>Definitions that are kept and that nobody can read any more, as after an upgrade: what they are of ends, and nothing waits for it.</summary>
public sealed class UnreadableDefinitionTests
{
    [Fact]
    public async Task A_run_whose_definition_can_not_be_read_any_more_ends_with_the_reason_and_the_pipeline_goes_on_once_it_is_mended()
    {
        await using PlayedPipeline daily = await PlayedPipeline.StartAsync();
        await daily.NextNightAsync();
        PipelineRunState run = await daily.StepReachesAsync(1, "wide", StepStatus.Running);
        FakeWorker worker = await daily.Cluster.Workers.OfAsync(run.Step("wide").Work!);
        await daily.RestartWithAsync("kind: choose", "kind: elects", 1);
        await daily.Pipeline.WakeAsync();

        run = await daily.EndsAsync(1);
        Assert.Equal((PipelineStatus.Failed, StepStatus.Done, StepStatus.Cancelled), (run.Status, run.Step("clips").Status, run.Step("wide").Status));
        Assert.Contains("step 'best' is of the kind 'elects'", run.Reason);
        await worker.StopAsked;
        await PlayedPipeline.PassingAsync(async () => Assert.Equal("failed", (await daily.HistoryAsync())[0].Status));
        Assert.Contains("of the kind 'elects'", (await daily.HistoryAsync())[0].Note);
        Assert.Contains("can't be gone on with", (await Assert.ThrowsAsync<RefusedException>(() => daily.Pipeline.ResumeAsync(1))).Message);
        Assert.Null((await daily.Pipeline.GetAsync())!.Running);
        await daily.Pipeline.RegisterAsync(PlayedPipeline.Text);
        Assert.Equal(2, await daily.Pipeline.StartAsync("by hand"));
    }

    [Fact]
    public async Task A_run_that_waits_with_a_definition_that_can_not_be_read_any_more_jams_nothing()
    {
        await using PlayedPipeline daily = await PlayedPipeline.StartAsync(PlayedPipeline.Text + "\noverlap: queue\n");
        await daily.NextNightAsync();
        await daily.StepReachesAsync(1, "wide", StepStatus.Running);
        await daily.Pipeline.StartAsync("second");
        await daily.Pipeline.StartAsync("third");
        await daily.RestartWithAsync("kind: choose", "kind: elects", 1);
        await daily.Pipeline.WakeAsync();
        await daily.EndsAsync(1);
        await PlayedPipeline.PassingAsync(async () => Assert.Equal(["failed", "failed", "failed"], (await daily.HistoryAsync()).Select(h => h.Status)));
        Assert.All(await daily.HistoryAsync(), h => Assert.Contains("can't be read any more", h.Note));
        await daily.Pipeline.DeleteAsync();
    }
}
