using LipSol.Grains.Tests.Cluster;
using LipSol.Pipelines;
using Orleans.TestingHost;

namespace LipSol.Grains.Tests.Pipelines;

/// <summary>A death in the middle of each step: nothing is begun twice, nothing is lost, and there's one promotion.</summary>
public sealed class DeathTests
{
    private static readonly string[] Steps = ["clips", "small", "gate", "production"];

    public static TheoryData<string, string> Deaths => new(from step in Steps from death in new[] { "memory", "silo" } select (step, death));

    [Theory]
    [MemberData(nameof(Deaths))]
    public async Task Whatever_dies_in_the_middle_of_a_step_the_run_goes_on(string step, string death)
    {
        await using PlayedPipeline daily = await PlayedPipeline.StartAsync(silos: death == "silo" ? 2 : 1);
        Hold held = Hold.On(daily.Cluster, step);
        await daily.NextNightAsync();
        if (step is "gate" or "production") await TrainBothAsync(daily);
        await held.Reached;
        if (step == "small") await daily.StepReachesAsync(1, "small", StepStatus.Running);

        await DieAsync(daily, death);
        held.Release();
        await PlayedPipeline.PassingAsync(daily.RegisterNodeAsync);
        await PlayedPipeline.PassingAsync(daily.RunGrain(1).WakeAsync);
        if (step is "clips" or "small") await TrainBothAsync(daily);
        PipelineRunState run = await daily.EndsAsync(1);

        Assert.True(run.Status == PipelineStatus.Succeeded, string.Join('\n', run.Steps.Select(s => $"{s.Name} {s.Status} {s.Failure}")));
        Assert.All(run.Steps, s => Assert.Equal(1, s.Try));
        Assert.Equal(2, daily.Cluster.Workers.Started);
        Assert.Single(await daily.PromotionsAsync());
        await PlayedPipeline.PassingAsync(async () => Assert.Equal("succeeded", (await daily.HistoryAsync()).Single(h => h.Number == 1).Status));
        // The next night takes what this one left.
        await daily.NextNightAsync();
        Assert.Equal(3, (await daily.EndsAsync(2)).Steps.Count(s => s.Status == StepStatus.Cached && s.Name != "best"));
        Assert.Equal(2, daily.Cluster.Workers.Started);
    }

    [Fact]
    public async Task A_run_that_was_written_down_and_never_begun_is_begun_by_the_next_waking()
    {
        await using PlayedPipeline daily = await PlayedPipeline.StartAsync();
        await daily.NextNightAsync();
        await daily.StepReachesAsync(1, "small", StepStatus.Running);
        await daily.Cluster.Orleans.DeactivateAsync(daily.RunGrain(1));
        await daily.Cluster.Orleans.DeactivateAsync(daily.Pipeline);
        // As if the death had come between the two writes.
        daily.Cluster.ExecuteSql("DELETE FROM OrleansStorage WHERE GrainIdExtensionString LIKE '%daily/1%'");
        await daily.Pipeline.WakeAsync();
        await daily.ReachesAsync(1, r => r.Step("small").Status is StepStatus.Running, "begun");
        Assert.Equal(2, daily.Cluster.Workers.Started);
        Assert.Equal(1, (await daily.Pipeline.GetAsync())!.LastNumber);
    }

    private static async Task TrainBothAsync(PlayedPipeline daily)
    {
        await daily.TrainAsync(1, "small", 0.6);
        await daily.TrainAsync(1, "wide", 0.7);
    }

    private static async Task DieAsync(PlayedPipeline daily, string death)
    {
        if (death == "memory")
        {
            await daily.Cluster.Orleans.DeactivateAsync(daily.RunGrain(1));
            return;
        }
        // The one that has the run, unless it's the one whose node trains: that death is the scheduler's, and tested there.
        InProcessSiloHandle dies = daily.Cluster.Orleans.Silos.Single(s => s.Name != daily.Cluster.Node);
        await daily.Cluster.Orleans.KillSiloAsync(dies);
        await PlayedPipeline.PassingAsync(() => daily.Cluster.Orleans.DeactivateAsync(daily.RunGrain(1)));
    }

    /// <summary>Holds a step in its middle.</summary>
    private sealed class Hold
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously), _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Reached => _reached.Task.WaitAsync(Patience.Limit);

        public void Release() => _released.TrySetResult();

        public static Hold On(LipSolCluster cluster, string step)
        {
            var hold = new Hold();
            switch (step)
            {
                case "clips": cluster.Corpora.Importing = _ => hold.AtAsync(); break;
                case "gate": cluster.Models.Fetching = _ => hold.AtAsync(); break;
                case "production": cluster.Models.Loading = (_, _) => hold.AtAsync(); break;
                default: hold._reached.SetResult(); break;
            }
            return hold;
        }

        private Task AtAsync()
        {
            _reached.TrySetResult();
            return _released.Task;
        }
    }
}
