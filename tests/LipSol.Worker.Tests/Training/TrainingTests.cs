using LipSol.Artifacts;
using LipSol.Inference;
using LipSol.Language.Evaluation;
using LipSol.Worker.Tests.Workers;
using LipSol.WorkerProtocol;

namespace LipSol.Worker.Tests.Training;

public sealed class TrainingTests(TinyCorpus corpus) : IDisposable
{
    private readonly TemporaryFolder scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task A_run_leaves_numbered_metrics_a_checkpoint_an_evaluation_and_a_model_that_was_checked_against_torch()
    {
        var job = await corpus.TrainingJobAsync(scratch["work"]);
        var (exit, said) = await RealWorker.RunAsync(job);
        Assert.True(exit.End == WorkerEnd.Completed, exit.Reason);
        var result = Assert.IsType<TrainingResult>(exit.Result);
        var artifacts = new FolderArtifactStore(job.ArtifactRoot);

        Assert.Equal(said.Data.Select((_, i) => i + 1L), said.Data.Select(m => m.Number));
        var batches = said.Data.OfType<MetricBatch>().ToArray();
        Assert.Equal(batches.Select((_, i) => i + 1L), batches.Select(b => b.Batch));
        var points = batches.SelectMany(b => b.Points).ToLookup(p => p.Name);
        foreach (var name in (string[])["train_loss", "learning_rate", "clips_per_second", "train_accuracy", "val_loss", "val_accuracy"]) Assert.NotEmpty(points[name]);
        // 3 words × 2 speakers × 2 takes in batches of 4.
        Assert.Equal([3L, 6L], points["val_loss"].Select(p => p.Step));
        Assert.All(points["train_loss"], p => Assert.InRange(p.Value, 1e-3, 20));

        var checkpoint = said.Data.OfType<CheckpointWritten>().Last();
        Assert.Equal((6, 2.0, points["val_accuracy"].Last().Value), (checkpoint.Step, checkpoint.Epoch, checkpoint.Score));
        Assert.True(artifacts.Exists(checkpoint.Artifact));
        // An attempt that goes on from it doesn't report these steps again.
        Assert.DoesNotContain(said.Data.SkipWhile(m => m != checkpoint).OfType<MetricBatch>().SelectMany(b => b.Points), p => p.Step <= checkpoint.Step && (p.Name.StartsWith("train_", StringComparison.Ordinal) || p.Name.StartsWith("val_", StringComparison.Ordinal)));
        Assert.IsType<JobCompleted>(said.Data.Last());
        Assert.Contains(said.Heartbeats, h => h.Phase.Length > 0);

        var evaluation = EvaluationFile.Read(artifacts.ReadBytes(result.EvaluationArtifact));
        Assert.Equal(job.DataHash, evaluation.DataHash);
        Assert.Equal((await corpus.ManifestAsync()).Clips.Where(c => c.Split == LipSol.Corpus.Split.Test).Select(c => c.Id), evaluation.Samples.Select(s => s.Id.Split('#')[0]));
        Assert.Equal(6, result.Figures["word_accuracy.seen"].Count);
        Assert.Equal(3, result.Figures["word_accuracy.unseen"].Count);
        Assert.All(result.Figures.Values, f => Assert.InRange(f.Value, f.Low - 1e-9, f.High + 1e-9));
        Assert.Superset(new HashSet<string> { "confusions.json", "worst.json", "report.json", "val-evaluation.json" }, result.Artifacts.Keys.ToHashSet());
        Assert.All(result.Artifacts.Values, hash => Assert.True(artifacts.Exists(hash)));

        artifacts.Materialise(result.ModelArtifact, scratch["model"], TestContext.Current.CancellationToken);
        Assert.Equal(["README.md", "model.json", "model.onnx", "weights.safetensors"], Directory.GetFiles(scratch["model"]).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal));
        using var model = LoadedModel.Load(scratch["model"]);
        Assert.Equal((job.RunId, job.DataHash, job.CodeVersion, true), (model.Manifest.RunId, model.Manifest.DataHash, model.Manifest.CodeVersion, model.Manifest.Synthetic));
        Assert.Equal(result.OnnxMaxAbsDifference, model.Manifest.OnnxMaxAbsDifference);
        // Zero would mean that nothing was compared: torch and ONNX Runtime add up in different orders.
        Assert.InRange(result.OnnxMaxAbsDifference, 1e-12, 1e-4);
        Assert.Equal("28", model.Manifest.Parameters["size"]);
        Assert.True(model.Manifest.Parameters.ContainsKey("label_smoothing"), "defaults belong to the record too");
        var card = await File.ReadAllTextAsync(Path.Combine(scratch["model"], "README.md"), TestContext.Current.CancellationToken);
        foreach (var words in (string[])[job.RunId, job.DataHash, "synthetic", "ONNX", "word accuracy"]) Assert.Contains(words, card, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_run_of_letters_leaves_error_rates_and_a_model_that_reads_text_with_its_alphabet()
    {
        var words = await corpus.TrainingJobAsync(scratch["work"], ("word_epochs", "1"), ("phrase_epochs", "0"));
        var job = words with { Network = "char-tcn" };
        var (exit, said) = await RealWorker.RunAsync(job);
        Assert.True(exit.End == WorkerEnd.Completed, exit.Reason);
        var result = Assert.IsType<TrainingResult>(exit.Result);
        var artifacts = new FolderArtifactStore(job.ArtifactRoot);
        var points = said.Data.OfType<MetricBatch>().SelectMany(b => b.Points).ToLookup(p => p.Name);
        foreach (var name in (string[])["train_loss", "learning_rate", "train_cer", "val_loss", "val_cer", "val_wer"]) Assert.NotEmpty(points[name]);

        var clips = (await corpus.ManifestAsync()).Clips.Where(c => c.Split == LipSol.Corpus.Split.Test).ToArray();
        Assert.Equal(clips.Select(c => (c.Id, c.Text)), EvaluationFile.Read(artifacts.ReadBytes(result.EvaluationArtifact)).Samples.Select(s => (s.Id, s.Expected)));
        Assert.Equal(9, result.Figures["cer"].Count);
        Assert.InRange(result.OnnxMaxAbsDifference, 1e-12, 1e-4);

        artifacts.Materialise(result.ModelArtifact, scratch["model"], TestContext.Current.CancellationToken);
        using var model = LoadedModel.Load(scratch["model"]);
        Assert.Equal(ModelTask.Characters, model.Manifest.Task);
        Assert.Equal(["", .. "آپ جی کون".Replace(" ", "").EnumerateRunes().Distinct().OrderBy(r => r.Value).Select(r => r.ToString())], model.Manifest.Vocabulary);
        using var file = artifacts.OpenRead(clips[0].MouthClip!);
        var read = model.Read(LipSol.Clips.MouthClipFile.Read(file));
        Assert.All(read.Text.Replace(" ", "").EnumerateRunes(), r => Assert.Contains(r.ToString(), model.Manifest.Vocabulary));
        var card = await File.ReadAllTextAsync(Path.Combine(scratch["model"], "README.md"), TestContext.Current.CancellationToken);
        foreach (var part in (string[])["letter by letter", "| all | cer |", "| unseen | wer |"]) Assert.Contains(part, card, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_was_stopped_and_resumed_has_the_losses_and_the_model_of_one_that_was_not()
    {
        (string, string)[] settings = [("epochs", "40")];
        var (whole, wholeSaid) = await RealWorker.RunAsync(await corpus.TrainingJobAsync(scratch["whole"], settings));
        Assert.True(whole.End == WorkerEnd.Completed, whole.Reason);

        var firstSaid = new RecordingSink();
        await using var worker = await RealWorker.StartAsync(await corpus.TrainingJobAsync(scratch["first"], settings), firstSaid);
        await firstSaid.WaitForAsync<MetricBatch>();
        var stopped = await worker.StopAsync("enough for today", TimeSpan.FromMinutes(1));
        Assert.Equal((WorkerEnd.Stopped, "enough for today", 0), (stopped.End, stopped.Reason, stopped.ExitCode));
        var checkpoint = firstSaid.Data.OfType<CheckpointWritten>().Last();
        Assert.InRange(checkpoint.Step, 1, 119);

        var (second, secondSaid) = await RealWorker.RunAsync((await corpus.TrainingJobAsync(scratch["second"], settings)) with { ResumeFrom = checkpoint.Artifact });
        Assert.True(second.End == WorkerEnd.Completed, second.Reason);
        Assert.Equal(1, secondSaid.Data.OfType<MetricBatch>().First().Batch);
        Assert.True(Values("train_loss", secondSaid)[0].Step > checkpoint.Step, "what was done is not done again");
        foreach (var name in (string[])["train_loss", "val_loss", "train_accuracy", "learning_rate"])
            Assert.Equal(Values(name, wholeSaid), Values(name, firstSaid, secondSaid));
        var (one, other) = (Assert.IsType<TrainingResult>(whole.Result), Assert.IsType<TrainingResult>(second.Result));
        Assert.Equal((one.EvaluationArtifact, one.ModelArtifact), (other.EvaluationArtifact, other.ModelArtifact));
    }

    [Fact]
    public async Task SIGTERM_ends_a_run_with_a_checkpoint_and_SIGINT_is_left_to_the_host()
    {
        var job = await corpus.TrainingJobAsync(scratch["work"], ("epochs", "5000"), ("patience", "0"));
        var said = new RecordingSink();
        await using var worker = await RealWorker.StartAsync(job, said);
        var first = await said.WaitForAsync<MetricBatch>();
        // Ctrl-C in a terminal goes to the workers too; what becomes of the run is the host's to say.
        RealWorker.Signal(worker.ProcessId, "INT");
        await said.WaitForAsync<MetricBatch>(b => b.Batch > first.Batch + 1);
        Assert.False(worker.Ended.IsCompleted);

        RealWorker.Signal(worker.ProcessId, "TERM");
        var exit = await worker.Ended.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.Equal((WorkerEnd.Stopped, "SIGTERM", 0), (exit.End, exit.Reason, exit.ExitCode));
        Assert.True(new FolderArtifactStore(job.ArtifactRoot).Exists(said.Data.OfType<CheckpointWritten>().Last().Artifact));
        Assert.IsType<JobStopped>(said.Data.Last());
    }

    [Fact]
    public async Task A_worker_killed_in_the_middle_of_a_step_is_told_as_killed()
    {
        var said = new RecordingSink();
        await using var worker = await RealWorker.StartAsync(await corpus.TrainingJobAsync(scratch["work"], ("epochs", "5000")), said);
        await said.WaitForAsync<MetricBatch>();
        RealWorker.Signal(worker.ProcessId, "KILL");
        var exit = await worker.Ended.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(WorkerEnd.Killed, exit.End);
        Assert.Contains("signal 9", exit.Reason);
        var batches = said.Data.OfType<MetricBatch>().ToArray();
        Assert.Equal(batches.Select((_, i) => i + 1L), batches.Select(b => b.Batch));
    }

    private static List<(long Step, double Value)> Values(string name, params RecordingSink[] attempts) =>
        [.. attempts.SelectMany(a => a.Data).OfType<MetricBatch>().SelectMany(b => b.Points).Where(p => p.Name == name).Select(p => (p.Step, p.Value))];
}
