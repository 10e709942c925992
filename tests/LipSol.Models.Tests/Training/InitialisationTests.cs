using LipSol.Models.Parameters;
using LipSol.Models.Training;
using LipSol.Models.Weights;

namespace LipSol.Models.Tests.Training;

/// <summary>Runs that start from the weights of another.</summary>
public sealed class InitialisationTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly DrawnSentences corpus = new();

    public void Dispose() => folder.Dispose();

    private string Work(string name) => Path.Combine(folder.Path, name);

    private async Task<WeightsSource> PretrainedAsync()
    {
        var result = await TrainingRun.Run(corpus.Request(Work("pretrained"), ("epochs", "2")) with { Seed = 5 }, new Recorder(), CancellationToken.None);
        return new WeightsSource { Kind = "run", Id = "abc", ContentHash = new string('a', 32), Path = result.WeightsPath! };
    }

    [Theory]
    [InlineData(1)] // among the frozen epochs
    [InlineData(3)] // after them
    public async Task A_resumed_run_that_started_from_weights_gives_the_losses_of_an_uninterrupted_one(int stopInEpoch)
    {
        var given = await PretrainedAsync();
        (string, string)[] parameters = [("dropout", "0.3"), ("epochs", "5"), ("freeze", "encoder"), ("freeze_epochs", "2")];
        var whole = new Recorder();
        var expected = await TrainingRun.Run(corpus.Request(Work("whole"), parameters) with { InitFrom = given }, whole, CancellationToken.None);
        Assert.NotEmpty(expected.Init!.Frozen);

        using var stop = new CancellationTokenSource();
        var ends = 0;
        var first = new Recorder { OnStep = _ => { if (ends >= stopInEpoch) stop.Cancel(); }, OnFigure = name => { if (name == "val_loss") ends++; } };
        var stopped = await TrainingRun.Run(corpus.Request(Work("parts"), parameters) with { InitFrom = given }, first, stop.Token);
        Assert.Equal(TrainingEnd.Stopped, stopped.Summary.End);
        var second = new Recorder();
        var resumed = await TrainingRun.Run(corpus.Request(Work("parts"), parameters) with { InitFrom = given, ResumeFrom = stopped.CheckpointPath }, second, CancellationToken.None);
        foreach (var name in (string[])["train_loss", "train_cer", "val_loss", "val_cer", "learning_rate"])
            Assert.Equal(whole[name], first[name].Concat(second[name]));
        Assert.Equal(File.ReadAllBytes(expected.WeightsPath!), File.ReadAllBytes(resumed.WeightsPath!));

        // Another start is another run.
        var other = corpus.Request(Work("other"), parameters) with { InitFrom = given with { ContentHash = new string('b', 32) }, ResumeFrom = stopped.CheckpointPath };
        await Assert.ThrowsAsync<InvalidCheckpointException>(() => TrainingRun.Run(other, new Recorder(), CancellationToken.None));
    }

    [Fact]
    public async Task Frozen_layers_keep_weights_and_statistics_and_train_afterwards()
    {
        var given = await PretrainedAsync();
        (string, string)[] parameters = [("epochs", "2"), ("ema", "0"), ("freeze", "visual")];
        var (twice, once) = (new Recorder(), new Recorder());
        var frozen = await TrainingRun.Run(corpus.Request(Work("frozen"), [.. parameters, ("freeze_epochs", "2")]) with { InitFrom = given }, twice, CancellationToken.None);
        await TrainingRun.Run(corpus.Request(Work("trained"), [.. parameters, ("freeze_epochs", "1")]) with { InitFrom = given }, once, CancellationToken.None);
        using var start = WeightsFile.Open(given.Path);
        using var kept = WeightsFile.Open(frozen.WeightsPath!);
        Assert.Equal(["visual"], frozen.Init!.Frozen);
        var visual = start.Tensors.Keys.Where(n => n.StartsWith("visual.", StringComparison.Ordinal)).ToArray();
        Assert.Contains(visual, n => n.EndsWith("running_mean", StringComparison.Ordinal));
        Assert.All(visual, n => Assert.Equal(start.Tensors[n].Read(), kept.Tensors[n].Read()));
        Assert.Contains(start.Tensors.Keys, n => n.StartsWith("temporal.", StringComparison.Ordinal) && !start.Tensors[n].Read().SequenceEqual(kept.Tensors[n].Read()));
        // With the same seed the first epoch is the same; in the second one the visual layers train in one of them.
        Assert.Equal(twice["val_loss"][0], once["val_loss"][0]);
        Assert.NotEqual(twice["val_loss"][1], once["val_loss"][1]);
    }

    [Theory]
    [InlineData("encoder", "2", false, "nothing to keep")]
    [InlineData("eyes", "2", true, "none, visual")]
    [InlineData("visual", "0", true, "belong together")]
    [InlineData("none", "2", true, "belong together")]
    public async Task Freezing_that_makes_no_sense_is_refused(string freeze, string epochs, bool fromWeights, string because)
    {
        var request = corpus.Request(Work("refused"), ("freeze", freeze), ("freeze_epochs", epochs));
        if (fromWeights) request = request with { InitFrom = await PretrainedAsync() };
        var refusal = await Assert.ThrowsAsync<InvalidParameterException>(() => TrainingRun.Run(request, new Recorder(), CancellationToken.None));
        Assert.Contains(because, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_checkpoint_gives_the_weights_that_its_run_would_have_exported()
    {
        var result = await TrainingRun.Run(corpus.Request(Work("pretrained"), ("epochs", "2")), new Recorder(), CancellationToken.None);
        using var weights = WeightsFile.Open(result.WeightsPath!);
        using var checkpoint = WeightsFile.Open(result.CheckpointPath);
        Assert.Equal(("safetensors", "checkpoint"), (weights.Format, checkpoint.Format));
        Assert.Equal(weights.Tensors.Keys.Order(), checkpoint.Tensors.Keys.Order());
        Assert.All(weights.Tensors, t => Assert.Equal(t.Value.Read(), checkpoint.Tensors[t.Key].Read()));
    }
}
