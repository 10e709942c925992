using LipSol.Contracts.Models;
using LipSol.Grains.Tests.Cluster;
using LipSol.Pipelines;

namespace LipSol.Grains.Tests.Pipelines;

/// <summary>What can come between the gate and the promotion.</summary>
public sealed class PipelinePromotionTests
{
    [Fact]
    public async Task A_version_that_another_overtook_behind_the_gate_is_refused_as_the_gate_would()
    {
        await using PlayedPipeline daily = await PlayedPipeline.StartAsync();
        daily.Cluster.Calls.Before = context =>
        {
            if (context.MethodName == nameof(IModelGrain.PromoteAsync)) throw new InvalidOperationException("The model can't be asked now.");
        };
        PipelineRunState run = await TrainedAsync(daily);
        Assert.Equal((PipelineStatus.Failed, "passed"), (run.Status, run.Step("gate").Left[Outputs.Verdict]));
        daily.Cluster.Calls.Before = _ => { };

        // Someone promotes a better one meanwhile.
        string better = await daily.Cluster.StartRunAsync("better");
        await daily.FinishAsync(await daily.Cluster.Workers.OfAsync(better), 0.95);
        IModelGrain model = daily.Cluster.Model("digits");
        int version = (await model.RegisterAsync(better)).Version;
        Assert.True((await model.PromoteAsync(version, ModelSteps.AnyAsGood)).Promoted);

        await daily.Pipeline.ResumeAsync(1);
        run = await daily.EndsAsync(1);
        Assert.Equal((PipelineStatus.Succeeded, StepStatus.Done, "refused"), (run.Status, run.Step("production").Status, run.Step("production").Left[Outputs.Verdict]));
        Assert.StartsWith("digits version 1 is refused after all:", run.Step("production").Left[Outputs.Note]);
        Assert.Equal(version, (await model.GetAsync())!.Aliases["production"]);
        await daily.ReachesAsync(1, r => r.IsQuiet, "quiet");
        Assert.Contains("daily/1/production/refused/0", daily.Cluster.Notices.Sent.Select(n => n.Id));
        Assert.DoesNotContain(daily.Cluster.Notices.Sent, n => n.Id.Contains("/promoted/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_version_that_could_not_be_loaded_is_promoted_once_it_can()
    {
        await using PlayedPipeline daily = await PlayedPipeline.StartAsync();
        daily.Cluster.Models.Loading = (_, _) => Task.FromException(new IOException("There's no room for it."));
        PipelineRunState run = await TrainedAsync(daily);
        Assert.Equal((PipelineStatus.Failed, StepStatus.Failed), (run.Status, run.Step("production").Status));
        Assert.Contains("There's no room for it.", run.Step("production").Failure);

        await daily.Pipeline.ResumeAsync(1);
        Assert.Equal(PipelineStatus.Failed, (await daily.ReachesAsync(1, r => r is { IsOver: true, Round: 1 }, "its second end")).Status);
        daily.Cluster.Models.Loading = (_, _) => Task.CompletedTask;
        await daily.Pipeline.ResumeAsync(1);
        run = await daily.ReachesAsync(1, r => r is { IsOver: true, Round: 2 }, "its third end");
        Assert.Equal((PipelineStatus.Succeeded, "digits version 1 is in production."), (run.Status, run.Step("production").Left[Outputs.Note]));
        Assert.Single(await daily.PromotionsAsync());
    }

    private static async Task<PipelineRunState> TrainedAsync(PlayedPipeline daily)
    {
        await daily.Pipeline.StartAsync("by hand");
        await daily.TrainAsync(1, "small", 0.6);
        await daily.TrainAsync(1, "wide", 0.7);
        return await daily.EndsAsync(1);
    }
}
