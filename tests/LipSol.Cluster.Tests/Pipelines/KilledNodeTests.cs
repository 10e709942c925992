using LipSol.Client;
using LipSol.Cluster.Tests.Uploads;

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
        Record(folder["recordings"]);
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
        var number = 0;
        foreach (var step in Steps)
        {
            await using var dies = await NodeProcess.StartHeldAsync(folder["data"], step, folder[$"{step}.held"], "--slots", "2");
            if (number == 0)
            {
                await dies.Client.Pipelines.RegisterAsync(pipeline, limit.Token);
                number = (await dies.Client.Pipelines.StartAsync("nightly", "once", limit.Token)).Number;
            }
            PipelineRun held;
            do
            {
                held = await dies.Client.Pipelines.GetRunAsync("nightly", number, limit.Token);
                Assert.False(held.IsOver, $"The run was over before {step} was held.\n{held.Picture.Text}{dies.Said}");
                await Task.Delay(20, limit.Token);
            }
            while (!File.Exists(folder[$"{step}.held"]));
            held = await dies.Client.Pipelines.GetRunAsync("nightly", number, limit.Token);
            Assert.True(held.Step(step).Status == PipelineStepStatus.Running, $"{step} is {held.Step(step).Status}.\n{held.Picture.Text}");
            await dies.KillAsync();
        }

        await using var node = await NodeProcess.StartAsync(folder["data"], "--slots", "2");
        PipelineRun? run = null;
        await foreach (var now in node.Client.Pipelines.FollowAsync("nightly", number, limit.Token)) run = now;
        TestContext.Current.TestOutputHelper?.WriteLine(run!.Picture.Text);
        Assert.True(run!.Status == PipelineRunStatus.Succeeded, run.Picture.Text + node.Said);
        Assert.All(run.Steps, s => Assert.Equal((PipelineStepStatus.Done, 1), (s.Status, s.Tries)));
        Assert.Equal(Steps, run.Steps.Select(s => s.Name));
        Assert.Equal(2, (await node.Client.Runs.ListAsync(cancellationToken: limit.Token)).Count);
        var model = await node.Client.Models.GetAsync("drawn", limit.Token);
        Assert.Equal((1, 1), (model.Versions.Count, model.Promotions.Count(p => p.Promoted)));
        Assert.Equal(1, model.Aliases["production"]);
        Assert.Equal(1, (await node.Client.Pipelines.GetHistoryAsync("nightly", cancellationToken: limit.Token)).Total);
    }

    private static void Record(string folder)
    {
        Directory.CreateDirectory(folder);
        var labels = new List<string> { "path,speaker,split,text" };
        string[] splits = ["train", "train", "train", "train", "val", "test", "test"];
        for (var i = 0; i < 2 * splits.Length; i++)
        {
            // Each of another length, so that no two are the same clip.
            Videos.Talking(Path.Combine(folder, $"{i:00}.avi"), frames: 26 + i);
            labels.Add($"{i:00}.avi,a,{splits[i / 2]},{(i % 2 == 0 ? "ایک" : "دو")}");
        }
        File.WriteAllLines(Path.Combine(folder, "labels.csv"), labels);
    }
}
