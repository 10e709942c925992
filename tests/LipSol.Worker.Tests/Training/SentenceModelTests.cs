using LipSol.Artifacts;
using LipSol.Clips;
using LipSol.Corpus;
using LipSol.Inference;
using LipSol.Language.Decoding;
using LipSol.Language.Evaluation;
using LipSol.Worker.Tests.Workers;
using LipSol.WorkerProtocol;

namespace LipSol.Worker.Tests.Training;

/// <summary>What every model version can do is done with a real model of letters too.</summary>
public sealed class SentenceModelTests(TinyCorpus corpus) : IDisposable
{
    private readonly TemporaryFolder scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task A_model_of_letters_travels_in_a_bundle_and_shows_where_it_looks()
    {
        var job = (await corpus.TrainingJobAsync(scratch["work"], ("word_epochs", "1"), ("phrase_epochs", "0"))) with { Network = "char-tcn" };
        var (exit, _) = await RealWorker.RunAsync(job);
        var result = Assert.IsType<TrainingResult>(exit.Result);
        var artifacts = new FolderArtifactStore(job.ArtifactRoot);
        var clip = (await corpus.ManifestAsync()).Clips.First(c => c.Split == Split.Test);
        using var file = artifacts.OpenRead(clip.MouthClip!);
        var mouth = MouthClipFile.Read(file);

        var bundle = Pack(artifacts, result);
        var packed = BundledModel.Open(new MemoryStream(bundle), Directory.CreateDirectory(scratch["unpacked"]).FullName, new BundleLimits(), new SessionSettings { Device = "cpu" }, TestContext.Current.CancellationToken);
        Assert.Equal((ModelTask.Characters, job.RunId, 9), (packed.Manifest.Task, packed.Manifest.RunId, packed.Evaluation.Samples.Count));
        Assert.Equal(result.ModelArtifact, FolderListing.Of(packed.Folder).Hash);
        Assert.Equal(bundle, Pack(artifacts, result));

        // What the worker measured is what the folder reads, decoder by decoder.
        using (var served = LoadedModel.Load(packed.Folder, new SessionSettings { Device = "cpu", Threads = 2 }))
        {
            Assert.Equal([DecoderKind.Greedy, DecoderKind.Beam, DecoderKind.Lexicon], served.Decoders);
            Assert.Equal(DecoderKind.Beam, served.DefaultDecoder);
            var tests = (await corpus.ManifestAsync()).Clips.Where(c => c.Split == Split.Test).OrderBy(c => c.Id, StringComparer.Ordinal).ToArray();
            var read = served.ReadWithEach([.. tests.Select(c => { using var npz = artifacts.OpenRead(c.MouthClip!); return served.PrepareSample(MouthClipFile.Read(npz), null); })]);
            foreach (var kind in served.Decoders)
            {
                var measured = EvaluationFile.Read(artifacts.ReadBytes(result.Artifacts[$"evaluation-{DecoderNames.Of(kind)}.json"]));
                Assert.Equal(measured.Samples.Select(s => s.Text), read.Select(r => r[kind].Text));
                Assert.All(measured.Samples.Zip(read), p => Assert.Equal(p.First.Confidence, p.Second[kind].Confidence, 3));
                Assert.Contains($"wer.decoder:{DecoderNames.Of(kind)}", result.Figures.Keys);
                Assert.Contains($"cer.decoder:{DecoderNames.Of(kind)}.unseen", result.Figures.Keys);
            }
        }

        // Folders of earlier versions say nothing of decoders.
        var older = scratch["older"];
        foreach (var part in Directory.EnumerateFiles(packed.Folder)) File.Copy(part, Path.Combine(Directory.CreateDirectory(older).FullName, Path.GetFileName(part)));
        var manifest = ModelManifestFile.Read(older);
        ModelManifestFile.Write(manifest with { Decoding = null }, older);
        using (var greedy = LoadedModel.Load(older, new SessionSettings { Device = "cpu", Threads = 1 }))
        {
            Assert.Equal([DecoderKind.Greedy], greedy.Decoders);
            Assert.Equal(EvaluationFile.Read(artifacts.ReadBytes(result.Artifacts["evaluation-greedy.json"])).Samples.Single(s => s.Id == clip.Id).Text, greedy.Read([greedy.PrepareSample(mouth, null)])[0].Text);
            Assert.Contains("It has: greedy.", Assert.Throws<UnavailableDecoderException>(() => greedy.Prepare(mouth, decoder: DecoderKind.Grammar)).Message);
        }
        ModelManifestFile.Write(manifest, older);
        File.AppendAllText(Path.Combine(older, manifest.Decoding!.Lexicon!.Name), "x\n");
        Assert.Contains("changed or cut short", Assert.Throws<UnusableModelException>(() => LoadedModel.Load(older)).Message);
        ModelManifestFile.Write(manifest with { Decoding = manifest.Decoding with { Lexicon = manifest.Decoding.Lexicon with { Name = "../lexicon.txt" } } }, older);
        Assert.Contains("no name of a file", Assert.Throws<UnusableModelException>(() => LoadedModel.Load(older)).Message);

        using var model = LoadedModel.Load(packed.Folder, new SessionSettings { Device = "cpu", Threads = 2 });
        var prepared = model.PrepareSample(mouth, null);
        var aligned = Assert.Single(model.Align(prepared, "کون"));
        Assert.Equal("کون", aligned.Text);
        Assert.InRange(aligned.Start, 0, aligned.End - 3 / mouth.FramesPerSecond); // a letter takes a frame at least
        Assert.InRange(aligned.End, aligned.Start, mouth.Length / mouth.FramesPerSecond);
        Assert.Throws<UnusableTranscriptException>(() => model.Align(prepared, "ڈ"));
        var saliency = OcclusionSaliency.Of(model, prepared, new OcclusionSettings { Patch = 0.5, Windows = 4 });
        Assert.Equal((mouth.Length, model.Manifest.Input.Size), (saliency.Frames, saliency.Size));
        Assert.Equal(model.Read([prepared])[0].Text, saliency.Reading.Text);
        Assert.Contains("greedy, beam (the default), lexicon", Assert.Throws<UnavailableDecoderException>(() => model.Prepare(mouth, decoder: DecoderKind.Grammar)).Message);
        Assert.True(saliency.Evidence < 0, "a log probability");
        Assert.All(saliency.When_T, fall => Assert.True(float.IsFinite(fall)));
        Assert.Contains(saliency.When_T, fall => fall != 0);
        Assert.All(saliency.InWord_T, Assert.True);
    }

    private static byte[] Pack(FolderArtifactStore artifacts, TrainingResult result)
    {
        var folder = artifacts.ReadFolder(result.ModelArtifact);
        var parts = folder.Entries.ToDictionary(e => BundleFile.ModelFolder + e.RelativePath, e => (Func<Stream>)(() => artifacts.OpenRead(e.Md5)));
        parts[BundleFile.EvaluationName] = () => artifacts.OpenRead(result.EvaluationArtifact);
        using var json = parts[BundleFile.ModelFolder + ModelManifestFile.Name]();
        var model = ModelManifestFile.Read(json);
        using var file = new MemoryStream();
        BundleFile.Write(BundleManifest.Of(model, "letters", 1, DateTimeOffset.UnixEpoch, seed: null, result.OnnxMaxAbsDifference, result.ModelArtifact), parts, file, TestContext.Current.CancellationToken);
        return file.ToArray();
    }
}
