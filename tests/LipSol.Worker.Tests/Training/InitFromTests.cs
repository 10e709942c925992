using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using LipSol.Artifacts;
using LipSol.Corpus;
using LipSol.Inference;
using LipSol.Models.Tests.Weights;
using LipSol.Worker.Tests.Workers;
using LipSol.WorkerProtocol;

namespace LipSol.Worker.Tests.Training;

/// <summary>Runs that start from weights: of another run, or of a file that comes from elsewhere.</summary>
public sealed class InitFromTests(TinyCorpus corpus) : IDisposable
{
    private const string Report = "init-report.json";
    private static readonly Dictionary<string, string> Translation = new() { ["آپ"] = "bin", ["جی"] = "red", ["کون"] = "now" };
    private readonly TemporaryFolder scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task An_Urdu_network_of_letters_starts_from_an_English_one_that_read_pictures_of_another_size()
    {
        var (english, weights) = await EnglishAsync(("resize", "40"), ("size", "36"));
        var from = new InitialWeights
        {
            Kind = "run",
            Id = english.RunId,
            Weights = weights,
            Pretraining = [new Pretraining(english.RunId, "english", english.DataHash, new Dictionary<string, string>())],
        };
        var job = await LettersAsync("urdu", ("freeze", "visual"), ("freeze_epochs", "1")) with { InitFrom = from };
        var (exit, said) = await RealWorker.RunAsync(job);
        Assert.True(exit.End == WorkerEnd.Completed, exit.Reason);
        var result = Assert.IsType<TrainingResult>(exit.Result);
        var artifacts = new FolderArtifactStore(job.ArtifactRoot);

        // The report is there before anything is learnt.
        var kept = Assert.Single(said.Data.OfType<ArtifactKept>());
        Assert.Equal(Report, kept.Name);
        Assert.True(said.Data.ToList().IndexOf(kept) < said.Data.ToList().FindIndex(m => m is MetricBatch or CheckpointWritten));
        using var report = JsonDocument.Parse(artifacts.ReadBytes(kept.Artifact));
        Assert.Equal(("run", english.RunId, weights, "safetensors", "char-tcn"),
            (Text(report, "kind"), Text(report, "id"), Text(report, "contentHash"), Text(report, "format"), Text(report, "network")));
        Assert.Equal((0, 0, 0), (Count(report, "missing"), Count(report, "otherShape"), Count(report, "unexpected")));
        Assert.NotEqual(0, Count(report, "matched"));
        Assert.NotEqual(0, Count(report, "head"));
        Assert.Equal(["visual"], report.RootElement.GetProperty("frozen").EnumerateArray().Select(e => e.GetString()));
        Assert.Contains(said.Log, line => line.Contains($"starts from the run {english.RunId}", StringComparison.Ordinal) && line.Contains($"{Count(report, "matched")} of the encoder's {Count(report, "matched")} weights", StringComparison.Ordinal));
        Assert.Contains(said.Log, line => line.Contains("None of the clips that this run is tested on", StringComparison.Ordinal));

        artifacts.Materialise(result.ModelArtifact, scratch["model"], TestContext.Current.CancellationToken);
        using var model = LoadedModel.Load(scratch["model"]);
        Assert.Equal(["", .. "آپ جی کون".Replace(" ", "").EnumerateRunes().Distinct().OrderBy(r => r.Value).Select(r => r.ToString())], model.Manifest.Vocabulary);
        Assert.Equal((english.RunId, weights, english.DataHash), (model.Manifest.StartedFrom!.Id, model.Manifest.StartedFrom.Weights, model.Manifest.StartedFrom.Pretraining.Single().DataHash));
        Assert.Contains(english.DataHash, await File.ReadAllTextAsync(Path.Combine(scratch["model"], "README.md"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_PyTorch_state_dict_with_other_names_gives_what_its_mapping_says_and_the_report_says_what_is_not_known()
    {
        var (english, weights) = await EnglishAsync();
        var artifacts = new FolderArtifactStore(english.ArtifactRoot);
        var tensors = Safetensors(artifacts.ReadBytes(weights)).Select(t => (Name: t.Name.Replace("visual.", "eyes.", StringComparison.Ordinal), t.Shape, t.Values)).ToArray();
        TorchZip.Write(scratch["theirs.pt"], tensors);
        var from = new InitialWeights
        {
            Kind = "file",
            Id = "theirs.pt",
            Weights = artifacts.PutFile(scratch["theirs.pt"], TestContext.Current.CancellationToken),
            Map = artifacts.PutBytes("names:\n  - from: eyes.**\n    to: visual.**\n  - from: temporal.**\n"u8),
            Unknown = ["What theirs.pt was trained on isn't known."],
        };
        var (exit, said) = await RealWorker.RunAsync(await LettersAsync("urdu") with { InitFrom = from });
        Assert.True(exit.End == WorkerEnd.Completed, exit.Reason);
        using var report = JsonDocument.Parse(artifacts.ReadBytes(said.Data.OfType<ArtifactKept>().Single().Artifact));
        Assert.Equal(("state_dict", from.Map), (Text(report, "format"), Text(report, "mapHash")));
        Assert.All(report.RootElement.GetProperty("matched").EnumerateArray(), m => Assert.StartsWith("visual.", m.GetProperty("to").GetString()));
        Assert.Equal(tensors.Count(t => t.Name.StartsWith("temporal.", StringComparison.Ordinal)), Count(report, "leftOut"));
        Assert.NotEqual(0, Count(report, "leftOut"));
        Assert.Contains("isn't known", report.RootElement.GetProperty("dataBehind")[0].GetString());
        Assert.Contains(said.Log, line => line.Contains("What theirs.pt was trained on isn't known.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Weights_that_can_not_be_used_fail_the_run_as_bad_input_with_a_sentence()
    {
        var job = await LettersAsync("refused");
        var artifacts = new FolderArtifactStore(job.ArtifactRoot);
        var (_, weights) = await EnglishAsync();
        TorchZip.Write(scratch["hostile.pt"], TorchZip.Hostile());
        TorchZip.Write(scratch["other.pt"], ("conv1.weight", [2, 3], [1, 2, 3, 4, 5, 6]));
        await RefusedAsync(artifacts.PutBytes("not weights at all"u8), null, "neither safetensors nor");
        await RefusedAsync(artifacts.PutBytes(artifacts.ReadBytes(weights).AsSpan(0, 200)), null, "cut short|ends inside|damaged");
        await RefusedAsync(artifacts.PutFile(scratch["hostile.pt"], TestContext.Current.CancellationToken), null, "posix");
        await RefusedAsync(artifacts.PutFile(scratch["other.pt"], TestContext.Current.CancellationToken), null, "Nothing in given fits char-tcn");
        await RefusedAsync(weights, artifacts.PutBytes("names:\n  - form: a\n"u8), "name mapping");
        await RefusedAsync(new string('3', 32), null, new string('3', 32));
        await RefusedAsync(weights, new string('4', 32), new string('4', 32));

        async Task RefusedAsync(string file, string? map, string words)
        {
            var (exit, said) = await RealWorker.RunAsync(job with { InitFrom = new InitialWeights { Kind = "file", Id = "given", Weights = file, Map = map } });
            Assert.True(exit is { End: WorkerEnd.Failed, BadInput: true, ExitCode: 2 }, exit.ToString());
            Assert.Matches(words, exit.Reason);
            Assert.DoesNotContain(said.Log, line => line.Contains("   at LipSol", StringComparison.Ordinal));
            Assert.Empty(said.Data.OfType<ArtifactKept>());
            Assert.Empty(said.Data.OfType<CheckpointWritten>());
        }
    }

    [Fact]
    public async Task A_run_that_started_from_weights_was_stopped_and_resumed_is_the_run_that_was_not()
    {
        var (exit, _) = await RealWorker.RunAsync(await corpus.TrainingJobAsync(scratch["given"]) with { Seed = 3 });
        var artifacts = new FolderArtifactStore((await corpus.TrainingJobAsync("")).ArtifactRoot);
        var given = new InitialWeights { Kind = "run", Id = "given", Weights = WeightsOf(artifacts, exit) };
        (string, string)[] settings = [("epochs", "40"), ("freeze", "visual"), ("freeze_epochs", "20")];
        var (whole, wholeSaid) = await RealWorker.RunAsync(await corpus.TrainingJobAsync(scratch["whole"], settings) with { InitFrom = given });

        var firstSaid = new RecordingSink();
        await using var worker = await RealWorker.StartAsync(await corpus.TrainingJobAsync(scratch["first"], settings) with { InitFrom = given }, firstSaid);
        await firstSaid.WaitForAsync<MetricBatch>();
        Assert.Equal(WorkerEnd.Stopped, (await worker.StopAsync("enough for today", TimeSpan.FromMinutes(1))).End);
        var checkpoint = firstSaid.Data.OfType<CheckpointWritten>().Last();
        var (second, secondSaid) = await RealWorker.RunAsync(await corpus.TrainingJobAsync(scratch["second"], settings) with { InitFrom = given, ResumeFrom = checkpoint.Artifact });

        Assert.True(whole.End == WorkerEnd.Completed && second.End == WorkerEnd.Completed, $"{whole}\n{second}");
        Assert.Equal(Assert.IsType<TrainingResult>(whole.Result).ModelArtifact, Assert.IsType<TrainingResult>(second.Result).ModelArtifact);
        // Also where it was stopped, the report is kept; each attempt tells the same.
        RecordingSink[] attempts = [wholeSaid, firstSaid, secondSaid];
        Assert.Single(attempts.Select(s => s.Data.OfType<ArtifactKept>().Single()).Select(k => (k.Name, k.Artifact)).Distinct());

        // From other weights it's another run.
        var (other, _) = await RealWorker.RunAsync(await corpus.TrainingJobAsync(scratch["other"], settings) with { InitFrom = given with { Weights = WeightsOf(artifacts, second) }, ResumeFrom = checkpoint.Artifact });
        Assert.True(other is { End: WorkerEnd.Failed, BadInput: true }, other.ToString());
    }

    /// <summary>A completed run of letters on the corpus with English transcripts, and the hash of its weights.</summary>
    private async Task<(TrainingJob Job, string Weights)> EnglishAsync(params (string, string)[] parameters)
    {
        var job = await LettersAsync("english", parameters);
        var artifacts = new FolderArtifactStore(job.ArtifactRoot);
        var manifest = await corpus.ManifestAsync();
        var english = manifest with
        {
            Name = "english",
            Language = "en",
            Clips = [.. manifest.Clips.Select(c => c with { Text = Translation[c.Text], Words = [.. c.Words.Select(w => w with { Word = Translation[w.Word] })] })],
        };
        job = job with { RunId = "english-run", DataHash = artifacts.PutBytes(ManifestFile.ToBytes(english)) };
        var (exit, _) = await RealWorker.RunAsync(job);
        Assert.True(exit.End == WorkerEnd.Completed, exit.Reason);
        return (job, WeightsOf(artifacts, exit));
    }

    private async Task<TrainingJob> LettersAsync(string work, params (string, string)[] parameters) =>
        await corpus.TrainingJobAsync(scratch[work], [("word_epochs", "1"), ("phrase_epochs", "0"), .. parameters]) with { Network = "char-tcn" };

    private static string WeightsOf(FolderArtifactStore artifacts, WorkerExit exit) =>
        artifacts.ReadFolder(Assert.IsType<TrainingResult>(exit.Result).ModelArtifact).Entries.Single(e => e.RelativePath == ModelManifestFile.WeightsName).Md5;

    private static string? Text(JsonDocument report, string name) => report.RootElement.GetProperty(name).GetString();

    private static int Count(JsonDocument report, string name) => report.RootElement.GetProperty(name).GetArrayLength();

    /// <summary>The floats of a safetensors file, read by its specification.</summary>
    private static IEnumerable<(string Name, long[] Shape, float[] Values)> Safetensors(byte[] file)
    {
        var data = 8 + (int)BitConverter.ToInt64(file);
        using var header = JsonDocument.Parse(Encoding.UTF8.GetString(file, 8, data - 8));
        foreach (var tensor in header.RootElement.EnumerateObject().Where(t => t.Name != "__metadata__" && t.Value.GetProperty("dtype").GetString() == "F32"))
        {
            var place = tensor.Value.GetProperty("data_offsets").EnumerateArray().Select(o => o.GetInt32()).ToArray();
            yield return (tensor.Name, [.. tensor.Value.GetProperty("shape").EnumerateArray().Select(s => s.GetInt64())], MemoryMarshal.Cast<byte, float>(file.AsSpan(data + place[0], place[1] - place[0])).ToArray());
        }
    }
}
