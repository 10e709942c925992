using LipSol.Clips;
using LipSol.Corpus;
using LipSol.Models.Parameters;
using LipSol.Models.Training;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace LipSol.Models.Tests.Training;

public sealed class TrainingTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly DrawnCorpus corpus = new(withWordTimes: false);

    public void Dispose() => folder.Dispose();

    private string Work(string name) => Path.Combine(folder.Path, name);

    private static double Accuracy(TrainingResult result) => result.Test.Count(s => s.Expected == s.Text) / (double)result.Test.Count;

    [Theory]
    [InlineData("word-tcn")]
    [InlineData("word-gru")]
    public async Task A_network_learns_a_tiny_set_and_its_exported_model_agrees(string network)
    {
        var request = corpus.Request(Work(network), ("epochs", "40"), ("mixup", "0"), ("learning_rate", "0.005"), ("patience", "0"), ("ema", "0.9")) with { Network = network };
        if (network == "word-gru") request = request with { Parameters = request.Parameters.Where(p => p.Key is not ("front" or "stages" or "scale_width" or "temporal_blocks")).Append(new("hidden", "16")).ToDictionary() };
        var result = await TrainingRun.Run(request, new Recorder(), CancellationToken.None);

        Assert.Equal(TrainingEnd.AllEpochs, result.Summary.End);
        Assert.InRange(Accuracy(result), 0.9, 1);
        Assert.All(result.Test, s => Assert.InRange(s.Confidence, 1.0 / 4, 1));
        using var session = new InferenceSession(result.OnnxPath!);
        Assert.Equal("0123", session.ModelMetadata.CustomMetadataMap["lipsol.data_hash"]);
        foreach (var probe in result.Probes)
        {
            var input = new DenseTensor<float>(probe.Input_CTHW, [1, result.Input.Channels, result.Input.Frames, result.Input.Size, result.Input.Size]);
            using var read = session.Run([NamedOnnxValue.CreateFromTensor("clip_BCTHW", input)]);
            Assert.All(read[0].AsEnumerable<float>().Zip(probe.Logits), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, 1e-4f));
        }
    }

    [Fact]
    public async Task Two_runs_of_one_seed_give_the_same_losses_and_the_same_model()
    {
        var (one, other, third) = (new Recorder(), new Recorder(), new Recorder());
        var a = await TrainingRun.Run(corpus.Request(Work("a")), one, CancellationToken.None);
        var b = await TrainingRun.Run(corpus.Request(Work("b")), other, CancellationToken.None);
        await TrainingRun.Run(corpus.Request(Work("c")) with { Seed = 12 }, third, CancellationToken.None);
        Assert.NotEmpty(one["train_loss"]);
        Assert.Equal(one["train_loss"], other["train_loss"]);
        Assert.Equal(one["val_loss"], other["val_loss"]);
        Assert.Equal(File.ReadAllBytes(a.OnnxPath!), File.ReadAllBytes(b.OnnxPath!));
        Assert.NotEqual(one["train_loss"], third["train_loss"]);
    }

    [Theory]
    [InlineData(10)] // in the middle of an epoch of 4 steps
    [InlineData(12)] // at the end of one
    public async Task A_resumed_run_gives_the_losses_of_an_uninterrupted_one(int stopAt)
    {
        (string, string)[] parameters = [("epochs", "8"), ("dropout", "0.3")];
        var whole = new Recorder();
        var expected = await TrainingRun.Run(corpus.Request(Work("whole"), parameters), whole, CancellationToken.None);

        using var stop = new CancellationTokenSource();
        var first = new Recorder { OnStep = step => { if (step >= stopAt) stop.Cancel(); } };
        var stopped = await TrainingRun.Run(corpus.Request(Work("parts"), parameters), first, stop.Token);
        Assert.Equal(TrainingEnd.Stopped, stopped.Summary.End);
        Assert.Equal(stopAt, stopped.Summary.Steps);
        Assert.Null(stopped.OnnxPath);

        var second = new Recorder();
        var resumed = await TrainingRun.Run(corpus.Request(Work("parts"), parameters) with { ResumeFrom = stopped.CheckpointPath }, second, CancellationToken.None);
        foreach (var name in (string[])["train_loss", "train_accuracy", "val_loss", "val_accuracy", "learning_rate"])
            Assert.Equal(whole[name], first[name].Concat(second[name]));
        Assert.Equal(File.ReadAllBytes(expected.OnnxPath!), File.ReadAllBytes(resumed.OnnxPath!));
        Assert.Equal(expected.Test, resumed.Test);
        Assert.Equal(expected.Temperature, resumed.Temperature);
    }

    [Fact]
    public async Task Every_promised_metric_is_told()
    {
        var checkpoints = 0;
        var recorder = new Recorder { OnCheckpoint = path => { Assert.True(File.Exists(path)); checkpoints++; } };
        await TrainingRun.Run(corpus.Request(Work("metrics")), recorder, CancellationToken.None);
        Assert.Superset(new HashSet<string> { "train_loss", "train_accuracy", "val_loss", "val_accuracy", "learning_rate", "clips_per_second" }, recorder.Names.ToHashSet());
        Assert.Equal(["loading", "training", "evaluating"], recorder.Phases.Select(p => p.Phase).Distinct());
        Assert.All(recorder.Phases, p => Assert.InRange(p.Fraction, 0, 1));
        Assert.True(checkpoints > 0);
    }

    [Fact]
    public async Task A_checkpoint_says_how_well_it_reads_val_where_that_was_measured()
    {
        var recorder = new Recorder();
        await TrainingRun.Run(corpus.Request(Work("judged"), ("epochs", "2")), recorder, CancellationToken.None);
        var last = recorder.Checkpoints[^1];
        Assert.Equal((recorder["val_accuracy"][^1].Step, recorder["val_accuracy"][^1].Value, 2.0), (last.Step, last.Score, last.Epoch));

        using var stop = new CancellationTokenSource();
        var stopped = new Recorder { OnStep = step => { if (step >= 1) stop.Cancel(); } };
        await TrainingRun.Run(corpus.Request(Work("unjudged"), ("epochs", "2"), ("batch_size", "1")), stopped, stop.Token);
        Assert.Null(Assert.Single(stopped.Checkpoints).Score);
        Assert.InRange(stopped.Checkpoints[0].Epoch, 1e-9, 0.999);
    }

    [Fact]
    public async Task What_does_not_move_cannot_be_read_when_frozen()
    {
        var result = await TrainingRun.Run(corpus.Request(Work("frozen"), ("frozen", "true"), ("epochs", "15")), new Recorder(), CancellationToken.None);
        Assert.InRange(Accuracy(result), 0, 0.6);
    }

    [Fact]
    public async Task The_time_limit_ends_a_run_and_is_recorded()
    {
        var result = await TrainingRun.Run(corpus.Request(Work("limit"), ("epochs", "10000"), ("patience", "0"), ("max_minutes", "0.005")), new Recorder(), CancellationToken.None);
        Assert.Equal(TrainingEnd.TimeLimit, result.Summary.End);
        Assert.NotNull(result.OnnxPath);
    }

    [Fact]
    public async Task Word_times_decide_the_window_and_are_marked()
    {
        var timed = new DrawnCorpus(withWordTimes: true);
        var result = await TrainingRun.Run(timed.Request(Work("timed"), ("epochs", "1")), new Recorder(), CancellationToken.None);
        Assert.True(result.Input.MarksWord);
        Assert.Equal(29, result.Input.Frames);
        var whole = await TrainingRun.Run(corpus.Request(Work("untimed"), ("epochs", "1")), new Recorder(), CancellationToken.None);
        Assert.False(whole.Input.MarksWord);
        Assert.Equal(22, whole.Input.Frames);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.999)]
    [InlineData(0)]
    public async Task A_checkpoint_cut_short_is_refused_with_its_name(double share)
    {
        var path = await Checkpoint();
        var bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..(int)(bytes.Length * share)]);
        await Refused(path, path);
    }

    [Fact]
    public async Task A_checkpoint_with_one_wrong_bit_is_refused()
    {
        var path = await Checkpoint();
        var bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 3] ^= 4;
        File.WriteAllBytes(path, bytes);
        await Refused(path, "damaged");
    }

    [Fact]
    public async Task A_checkpoint_of_other_parameters_is_refused() => await Refused(await Checkpoint(), "other data, parameters, seed or network", ("learning_rate", "0.5"));

    [Fact]
    public async Task A_checkpoint_that_is_not_there_is_refused() => await Refused(Work("nowhere"), "does not exist");

    [Fact]
    public async Task A_damaged_mouth_clip_is_refused_with_what_to_do()
    {
        corpus.Damage(corpus.Manifest.Clips[^1].MouthClip!);
        var refusal = await Assert.ThrowsAsync<UnusableClipException>(() => TrainingRun.Run(corpus.Request(Work("damaged")), new Recorder(), CancellationToken.None));
        Assert.Contains("Prepare the corpus again", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_corpus_of_one_word_is_refused()
    {
        var one = corpus.Request(Work("one")) with { Manifest = corpus.Manifest with { Clips = [.. corpus.Manifest.Clips.Where(c => c.Text == "eins")] } };
        await Assert.ThrowsAsync<CorpusProblemsException>(() => TrainingRun.Run(one, new Recorder(), CancellationToken.None));
    }

    [Fact]
    public async Task A_device_that_is_not_there_is_refused_with_what_to_do()
    {
        var refusal = await Assert.ThrowsAsync<InvalidParameterException>(() => TrainingRun.Run(corpus.Request(Work("tpu")) with { Device = "tpu" }, new Recorder(), CancellationToken.None));
        Assert.Contains("cpu, cuda", refusal.Message, StringComparison.Ordinal);
        if (TorchSharp.torch.cuda.is_available()) return;
        refusal = await Assert.ThrowsAsync<InvalidParameterException>(() => TrainingRun.Run(corpus.Request(Work("cuda")) with { Device = "cuda:0" }, new Recorder(), CancellationToken.None));
        Assert.Contains("LipSolAccelerator=cuda", refusal.Message, StringComparison.Ordinal);
    }

    private async Task<string> Checkpoint() => (await TrainingRun.Run(corpus.Request(Work("run"), ("epochs", "1")), new Recorder(), CancellationToken.None)).CheckpointPath;

    private async Task Refused(string checkpoint, string because, params (string, string)[] parameters)
    {
        var request = corpus.Request(Work("run"), [("epochs", "1"), .. parameters]) with { ResumeFrom = checkpoint };
        var refusal = await Assert.ThrowsAsync<InvalidCheckpointException>(() => TrainingRun.Run(request, new Recorder(), CancellationToken.None));
        Assert.Contains(because, refusal.Message, StringComparison.Ordinal);
    }
}
