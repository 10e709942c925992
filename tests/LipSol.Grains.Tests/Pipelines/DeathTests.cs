using LipSol.Contracts.Models;
using LipSol.Contracts.Pipelines;
using LipSol.Contracts.Runs;
using LipSol.Grains.Tests.Cluster;
using LipSol.Pipelines;
using Orleans.Runtime.Placement;
using Orleans.TestingHost;

namespace LipSol.Grains.Tests.Pipelines;

/// <summary>A death in the middle of each step: nothing is begun twice, nothing is lost, and there's one promotion.</summary>
public sealed class DeathTests
{
    private static readonly string[] Steps = ["clips", "small", "wide", "best", "figures", "gate", "production"];

    /// <summary>The run's grain dies alone, or with its silo; of a promotion also the silo on which the model decides.</summary>
    public static TheoryData<string, string> Deaths => new((from step in Steps from death in new[] { "memory", "silo" } select (step, death)).Append(("production", "silo of the model")));

    [Theory]
    [MemberData(nameof(Deaths))]
    public async Task Whatever_dies_in_the_middle_of_a_step_the_run_goes_on(string step, string death)
    {
        await using PlayedPipeline daily = await PlayedPipeline.StartAsync(silos: death == "memory" ? 1 : 2);
        IAddressable dies = death == "silo of the model" ? daily.Cluster.Model("digits") : daily.RunGrain(1);
        if (death != "memory") await LiveOnAsync(daily, dies, daily.Cluster.Orleans.Silos[1].SiloAddress);
        Hold held = Hold.On(daily.Cluster, step);
        await daily.NextNightAsync();
        if (step is not ("clips" or "small" or "wide")) await TrainBothAsync(daily);
        await held.Reached;
        await daily.StepReachesAsync(1, step, StepStatus.Running);
        if (step is "small" or "wide") await BothTrainAsync(daily);

        if (death == "memory") await daily.Cluster.Orleans.DeactivateAsync(daily.RunGrain(1));
        else await KillAsync(daily, dies);
        held.Release();
        await PlayedPipeline.PassingAsync(daily.RegisterNodeAsync);
        await PlayedPipeline.PassingAsync(daily.RunGrain(1).WakeAsync);
        if (step is "clips" or "small" or "wide") await TrainBothAsync(daily);
        PipelineRunState run = await daily.EndsAsync(1);

        Assert.True(run.Status == PipelineStatus.Succeeded, string.Join('\n', run.Steps.Select(s => $"{s.Name} {s.Status} {s.Failure}")));
        Assert.Equal(Steps, run.Steps.Select(s => s.Name));
        Assert.All(run.Steps, s => Assert.Equal(1, s.Try));
        Assert.Equal(2, daily.Cluster.Workers.Started);
        Assert.Single(await daily.PromotionsAsync());
        await PlayedPipeline.PassingAsync(async () => Assert.Equal("succeeded", (await daily.HistoryAsync()).Single(h => h.Number == 1).Status));
        // The next night takes what this one left.
        await daily.NextNightAsync();
        Assert.Equal(["clips", "small", "wide", "best", "figures"], (await daily.EndsAsync(2)).Steps.Where(s => s.Status == StepStatus.Cached).Select(s => s.Name));
        Assert.Equal(2, daily.Cluster.Workers.Started);
    }

    [Fact]
    public async Task A_run_that_was_written_down_and_never_begun_is_begun_by_the_next_waking()
    {
        await using PlayedPipeline daily = await PlayedPipeline.StartAsync();
        await daily.NextNightAsync();
        await daily.StepReachesAsync(1, "small", StepStatus.Running);
        await BothTrainAsync(daily);
        await daily.Cluster.Orleans.DeactivateAsync(daily.RunGrain(1));
        await daily.Cluster.Orleans.DeactivateAsync(daily.Pipeline);
        // As if the death had come between the two writes.
        daily.Cluster.ExecuteSql("DELETE FROM OrleansStorage WHERE GrainIdExtensionString LIKE '%daily/1%'");
        await daily.Pipeline.WakeAsync();
        await daily.ReachesAsync(1, r => r.Step("small").Status is StepStatus.Running, "begun");
        Assert.Equal(2, daily.Cluster.Workers.Started);
        Assert.Equal(1, (await daily.Pipeline.GetAsync())!.LastNumber);
    }

    // What lies between a run's begin and its worker's is the scheduler's, and tested there.
    private static async Task BothTrainAsync(PlayedPipeline daily)
    {
        using var limit = new CancellationTokenSource(Patience.Limit);
        while (daily.Cluster.Workers.Started < 2) await Task.Delay(10, limit.Token);
    }

    private static async Task TrainBothAsync(PlayedPipeline daily)
    {
        await daily.TrainAsync(1, "small", 0.6);
        await daily.TrainAsync(1, "wide", 0.7);
    }

    // On the silo whose node doesn't train: the death of that one is the scheduler's, and tested there.
    private static async Task LiveOnAsync(PlayedPipeline daily, IAddressable grain, SiloAddress silo)
    {
        RequestContext.Set(IPlacementDirector.PlacementHintKey, silo);
        if (grain is IModelGrain model) await model.GetAsync();
        else await ((IPipelineRunGrain)grain).GetAsync();
        RequestContext.Clear();
        Assert.Equal(silo, await WhereAsync(daily, grain));
    }

    private static async Task KillAsync(PlayedPipeline daily, IAddressable grain)
    {
        SiloAddress where = (await WhereAsync(daily, grain))!;
        InProcessSiloHandle dies = daily.Cluster.Orleans.Silos.Single(s => s.SiloAddress.Equals(where));
        Assert.NotEqual(daily.Cluster.Node, dies.Name);
        await daily.Cluster.Orleans.KillSiloAsync(dies);
    }

    private static ValueTask<SiloAddress?> WhereAsync(PlayedPipeline daily, IAddressable grain) => daily.Cluster.Orleans.Client.GetGrain<IManagementGrain>(0).GetActivationAddress((GrainReference)grain);

    /// <summary>Holds a step in its middle.</summary>
    private sealed class Hold
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously), _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile bool _planned;

        public Task Reached => _reached.Task.WaitAsync(Patience.Limit);

        public void Release() => _released.TrySetResult();

        public static Hold On(LipSolCluster cluster, string step)
        {
            var hold = new Hold();
            switch (step)
            {
                case "clips": cluster.Corpora.Importing = _ => hold.AtAsync(); break;
                case "best" or "figures": cluster.Calls.Holding = call => hold.LooksAtRunAsync(call, step); break;
                case "gate": cluster.Models.Fetching = _ => hold.AtAsync(); break;
                case "production": cluster.Models.Loading = (_, _) => hold.AtAsync(); break;
                // A training goes on as long as its worker does.
                default: hold._reached.SetResult(); break;
            }
            return hold;
        }

        // Once it's known that it has to be done, all that these steps do is to look at runs.
        private Task LooksAtRunAsync(IOutgoingGrainCallContext call, string step)
        {
            if (call.SourceId?.Type.ToString() != "pipeline-run") return Task.CompletedTask;
            if (call.MethodName == nameof(IPipelineGrain.RecallAsync) && (string?)call.Request.GetArgument(0) == step) _planned = true;
            return _planned && call.TargetId.Type.ToString() == "run" && call.MethodName == nameof(IRunGrain.GetAsync) ? AtAsync() : Task.CompletedTask;
        }

        private Task AtAsync()
        {
            _reached.TrySetResult();
            return _released.Task;
        }
    }
}
