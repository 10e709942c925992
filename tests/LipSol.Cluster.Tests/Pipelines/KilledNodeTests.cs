using LipSol.Client;

namespace LipSol.Cluster.Tests.Pipelines;

/// <summary>A real node that is held in the middle of each step of a pipeline, killed there, and started again.</summary>
[Trait("Category", "Long")]
public sealed class KilledNodeTests
{
    private static readonly string[] Steps = ["clips", "small", "wide", "best", "figures", "gate", "production"];

    [Fact]
    public async Task A_run_of_a_pipeline_whose_node_is_killed_in_every_step_does_nothing_twice()
    {
        using var folder = new TemporaryFolder();
        Recordings.Make(folder["recordings"]);
        string[] small = ["width", "16", "hidden", "16", "depth", "1", "resize", "20", "size", "16", "frames", "20", "batch_size", "4", "patience", "0", "warmup_epochs", "1", "epochs", "150"];
        var parameters = small.Chunk(2).ToDictionary(p => p[0], object (p) => p[1]);
        var pipeline = new PipelineBuilder("nightly")
            .Prepare("clips", corpus: "drawn", layout: "folder", folder: folder["recordings"])
            .Train("small", "word-gru", data: "clips", parameters: parameters, more: s => s.Set("threads", 1))
            .Train("wide", "word-gru", data: "clips", parameters: new(parameters) { ["hidden"] = "32" }, more: s => s.Set("threads", 1))
            .Choose("best", ["small", "wide"], "val_accuracy")
            .Evaluate("figures", of: "best")
            // One behind the other, so that none is over before its turn to be killed in.
            .Gate("gate", candidate: "best", model: "drawn", threshold: 0, confidence: 0.6, more: s => s.After("figures"))
            .Promote("production", gate: "gate");

        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(12));
        var run = await KilledInEachAsync(folder, pipeline, Steps, limit.Token);

        await using var node = await NodeProcess.StartAsync(folder["data"], "--slots", "2");
        Assert.True(run.Status == PipelineRunStatus.Succeeded, run.Picture.Text);
        Assert.All(run.Steps, s => Assert.Equal((PipelineStepStatus.Done, 1), (s.Status, s.Tries)));
        Assert.Equal(Steps, run.Steps.Select(s => s.Name));
        Assert.Equal(2, (await node.Client.Runs.ListAsync(cancellationToken: limit.Token)).Count);
        var model = await node.Client.Models.GetAsync("drawn", limit.Token);
        Assert.Equal((1, 1), (model.Versions.Count, model.Promotions.Count(p => p.Promoted)));
        Assert.Equal(1, model.Aliases["production"]);
        Assert.Equal(1, (await node.Client.Pipelines.GetHistoryAsync("nightly", cancellationToken: limit.Token)).Total);
    }

    /// <summary>The second night of real recordings, with a version in production that the new one has to beat.</summary>
    [Fact]
    public async Task So_it_is_with_the_daily_pipeline_on_real_recordings()
    {
        using var folder = new TemporaryFolder();
        GridDigits.Record(folder["recordings"], train: 100, val: 20);
        var pipeline = GridDigits.Daily(folder["recordings"]);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(60));
        await using (var first = await NodeProcess.StartAsync(folder["data"], "--slots", "2"))
        {
            await first.Client.Pipelines.RegisterAsync(pipeline, limit.Token);
            await first.Client.Pipelines.StartAsync(GridDigits.Pipeline, "the first night", limit.Token);
            Assert.Equal(PipelineRunStatus.Succeeded, (await EndAsync(first, GridDigits.Pipeline, 1, limit.Token)).Status);
        }
        GridDigits.Record(folder["recordings"], train: 200, val: 30);
        string[] steps = ["clips", "small", "wide", "slow", "best", "figures", "gate", "production"];
        var run = await KilledInEachAsync(folder, pipeline, steps, limit.Token);
        Assert.True(run.Status == PipelineRunStatus.Succeeded, run.Picture.Text);
        Assert.All(run.Steps, s => Assert.Equal((PipelineStepStatus.Done, 1), (s.Status, s.Tries)));
        await using var node = await NodeProcess.StartAsync(folder["data"], "--slots", "2");
        Assert.Equal(6, (await node.Client.Runs.ListAsync(cancellationToken: limit.Token)).Count);
        var model = await node.Client.Models.GetAsync(GridDigits.Model, limit.Token);
        Assert.Equal((2, 2, 2), (model.Versions.Count, model.Promotions.Count(p => p.Promoted), model.Aliases["production"]));
        Assert.NotNull(model.Promotions[^1].Evidence!.Comparison);
    }

    /// <summary>A run whose node is killed once in the middle of each step, and that is then let go on to its end.</summary>
    private static async Task<PipelineRun> KilledInEachAsync(TemporaryFolder folder, PipelineBuilder pipeline, string[] steps, CancellationToken limit)
    {
        var number = 0;
        foreach (var step in steps)
        {
            await using var dies = await NodeProcess.StartHeldAsync(folder["data"], step, folder[$"{step}.held"], "--slots", "2");
            if (number == 0)
            {
                await dies.Client.Pipelines.RegisterAsync(pipeline, limit);
                number = (await dies.Client.Pipelines.StartAsync(pipeline.Name, "once", limit)).Number;
            }
            PipelineRun held;
            do
            {
                held = await dies.Client.Pipelines.GetRunAsync(pipeline.Name, number, limit);
                Assert.False(held.IsOver, $"The run was over before {step} was held.\n{held.Picture.Text}{dies.Said}");
                await Task.Delay(20, limit);
            }
            while (!File.Exists(folder[$"{step}.held"]));
            held = await dies.Client.Pipelines.GetRunAsync(pipeline.Name, number, limit);
            Assert.True(held.Step(step).Status == PipelineStepStatus.Running, $"{step} is {held.Step(step).Status}.\n{held.Picture.Text}");
            await dies.KillAsync();
        }
        await using var node = await NodeProcess.StartAsync(folder["data"], "--slots", "2");
        return await EndAsync(node, pipeline.Name, number, limit);
    }

    private static async Task<PipelineRun> EndAsync(NodeProcess node, string pipeline, int number, CancellationToken limit)
    {
        PipelineRun? run = null;
        await foreach (var now in node.Client.Pipelines.FollowAsync(pipeline, number, limit)) run = now;
        TestContext.Current.TestOutputHelper?.WriteLine(run!.Picture.Text);
        return run!;
    }
}
