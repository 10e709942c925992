using System.Text.Json.Nodes;
using LipSol.Artifacts;
using LipSol.Clips;
using LipSol.Corpus;
using LipSol.Inference;
using LipSol.Language.Decoding;
using LipSol.Language.Evaluation;
using LipSol.Worker.Tests.Workers;
using LipSol.WorkerProtocol;

namespace LipSol.Worker.Tests.Training;

/// <summary>A trained model of letters carries its decoders, and reads with each of them as the run did.</summary>
public sealed class SentenceDecodersTests(TinyCorpus corpus) : IDisposable
{
    private readonly ScratchFolder scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task A_model_reads_with_the_decoders_it_was_measured_with()
    {
        var job = (await corpus.TrainingJobAsync(scratch["work"], ("word_epochs", "1"), ("phrase_epochs", "0"), ("beam_width", "20"))) with { Network = "char-tcn" };
        var (exit, _) = await RealWorker.RunAsync(job);
        var result = Assert.IsType<TrainingResult>(exit.Result);
        var artifacts = new FolderArtifactStore(job.ArtifactRoot);
        artifacts.Materialise(result.ModelArtifact, scratch["model"]);

        using var model = LoadedModel.Load(scratch["model"], new SessionSettings { Device = "cpu", Threads = 1 });
        Assert.Equal([DecoderKind.Greedy, DecoderKind.Beam, DecoderKind.Lexicon], model.Decoders); // single words follow no grammar
        Assert.Equal(DecoderKind.Beam, model.DefaultDecoder);
        Assert.All(model.Manifest.Decoding!.Decoders, d => Assert.Equal(20, d.BeamWidth));
        foreach (var kind in model.Decoders)
        {
            Assert.True(result.Figures.ContainsKey(DecoderFigures.Name(DecoderNames.Of(kind), Metric.Wer)));
            var measured = EvaluationFile.Read(artifacts.ReadBytes(result.Artifacts[$"evaluation-{DecoderNames.Of(kind)}.json"]));
            foreach (var clip in (await corpus.ManifestAsync()).Clips.Where(c => c.Split == Split.Test))
            {
                using var file = artifacts.OpenRead(clip.MouthClip!);
                var reading = model.Read(MouthClipFile.Read(file), decoder: kind);
                var expected = measured.Samples.Single(s => s.Id == clip.Id);
                Assert.Equal((kind, expected.Text), (reading.Decoder, reading.Text));
                Assert.Equal(expected.Confidence, reading.Confidence, 2);
                if (expected.Text.Length > 0) Assert.Equal(expected.Text, reading.Alternatives[0].Text);
            }
        }
        Assert.Contains("no grammar", Assert.Throws<UnavailableDecoderException>(() => model.RequireDecoder(DecoderKind.Grammar)).Message);

        AFolderOfBeforeReadsGreedily(artifacts, result);
        AChangedFileIsRefused();
    }

    private void AFolderOfBeforeReadsGreedily(FolderArtifactStore artifacts, TrainingResult result)
    {
        artifacts.Materialise(result.ModelArtifact, scratch["older"]);
        var path = Path.Combine(scratch["older"], ModelManifestFile.Name);
        var json = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        Assert.True(json.Remove("decoding"));
        File.Delete(path);
        File.WriteAllText(path, json.ToJsonString());
        using var older = LoadedModel.Load(scratch["older"], new SessionSettings { Device = "cpu", Threads = 1 });
        Assert.Equal([DecoderKind.Greedy], older.Decoders);
        Assert.Throws<UnavailableDecoderException>(() => older.RequireDecoder(DecoderKind.Beam));
    }

    private void AChangedFileIsRefused()
    {
        var lexicon = Path.Combine(scratch["model"], "lexicon.txt");
        var words = File.ReadAllText(lexicon);
        File.Delete(lexicon);
        Assert.Contains("does not exist", Assert.Throws<UnusableModelException>(() => LoadedModel.Load(scratch["model"], new SessionSettings { Device = "cpu" })).Message);
        File.WriteAllText(lexicon, words + "کچھ\n");
        Assert.Contains("MD5", Assert.Throws<UnusableModelException>(() => LoadedModel.Load(scratch["model"], new SessionSettings { Device = "cpu" })).Message);
    }
}
