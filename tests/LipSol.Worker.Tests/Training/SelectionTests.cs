using LipSol.Artifacts;
using LipSol.Clips;
using LipSol.Corpus;
using LipSol.Corpus.Samples;
using LipSol.Inference;
using LipSol.Language.Evaluation;
using LipSol.Worker.Tests.Workers;
using LipSol.WorkerProtocol;

namespace LipSol.Worker.Tests.Training;

public sealed class SelectionTests(TinyCorpus corpus) : IDisposable
{
    private readonly TemporaryFolder scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task A_speaker_held_out_is_unseen_to_the_model_and_tested_on_the_same_clips()
    {
        var speakers = (await corpus.ManifestAsync()).Clips.Where(c => c.Split == Split.Train).Select(c => c.Speaker).Distinct().Order().ToArray();
        var (whole, _) = await TrainAsync();
        var (without, points) = await TrainAsync((TrainingSelection.HeldOutParameter, speakers[0]));
        Assert.Equal(whole.TestHash, without.TestHash);
        Assert.All(without.Samples, s => Assert.Equal(s.Speaker == speakers[1], s.Seen));
        // 3 words × 1 speaker × 2 takes in batches of 4: one step an epoch.
        Assert.Equal([1L, 2L], points);
    }

    [Fact]
    public async Task Fewer_clips_make_fewer_steps_and_more_than_there_are_are_refused()
    {
        var (_, points) = await TrainAsync((TrainingSelection.ClipsParameter, "9"));
        Assert.Equal([2L, 4L], points);
        foreach (var (name, value, said) in new[] { ("train_clips", "13", "12 clips"), ("train_speakers", "3", "2 speakers"), ("hold_out_speaker", "nobody", "nobody"), ("train_clips", "many", "whole number") })
        {
            var (exit, _) = await RealWorker.RunAsync(await corpus.TrainingJobAsync(scratch["refused"], (name, value)));
            Assert.True(exit is { End: WorkerEnd.Failed, BadInput: true }, exit.ToString());
            Assert.Contains(said, exit.Reason);
        }
    }

    /// <summary>The drawn faces through the real tracker, a network trained on them: what speaks for its readings lies on the lips, not on skin, nose, chin and light.</summary>
    [Fact]
    public async Task What_a_trained_network_looks_at_on_drawn_speakers_is_the_lips()
    {
        var job = await corpus.TrainingJobAsync(scratch["look"], ("epochs", "40"), ("learning_rate", "0.004"), ("patience", "0"));
        var (exit, _) = await RealWorker.RunAsync(job);
        var result = Assert.IsType<TrainingResult>(exit.Result);
        var artifacts = new FolderArtifactStore(job.ArtifactRoot);
        artifacts.Materialise(result.ModelArtifact, scratch["model"], TestContext.Current.CancellationToken);
        using var model = LoadedModel.Load(scratch["model"], new SessionSettings { Device = "cpu", Threads = 2 });
        var shares = new List<(double Mouth, double Area)>();
        foreach (var sample in WordSamples.From(await corpus.ManifestAsync(), Split.Test).Samples)
        {
            using var file = artifacts.OpenRead(sample.MouthClip);
            var clip = MouthClipFile.Read(file);
            var saliency = OcclusionSaliency.Of(model, model.PrepareSample(clip, WordSpan.FromSeconds(sample.Start, sample.End, clip.FramesPerSecond)));
            shares.Add((saliency.MouthShare, saliency.MouthArea));
            TestContext.Current.TestOutputHelper?.WriteLine($"{sample.Id} {sample.Word} read {saliency.Reading.Text}: {saliency.MouthShare:P0} on the mouth");
        }
        Assert.True(shares.Average(s => s.Mouth) > 1.4 * shares[0].Area, $"{shares.Average(s => s.Mouth):P0} of the evidence lies on the mouth, which is {shares[0].Area:P0} of the picture");
    }

    private async Task<(Evaluation Evaluation, IEnumerable<long> Validated)> TrainAsync(params (string, string)[] parameters)
    {
        var job = await corpus.TrainingJobAsync(scratch[Guid.NewGuid().ToString("N")], parameters);
        var (exit, said) = await RealWorker.RunAsync(job);
        Assert.True(exit.End == WorkerEnd.Completed, exit.Reason);
        var result = Assert.IsType<TrainingResult>(exit.Result);
        return (EvaluationFile.Read(new FolderArtifactStore(job.ArtifactRoot).ReadBytes(result.EvaluationArtifact)), said.Data.OfType<MetricBatch>().SelectMany(b => b.Points).Where(p => p.Name == "val_loss").Select(p => p.Step));
    }
}
