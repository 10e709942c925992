using LipSol.Artifacts;
using LipSol.Clips;
using LipSol.Contracts.Runs;
using LipSol.Corpus;
using LipSol.Corpus.Samples;
using LipSol.Inference;
using LipSol.Language.Evaluation;

namespace LipSol.Silo.Serving;

/// <summary>Reads every test sample of a corpus with a model.</summary>
internal static class TestSplit
{
    private const int Batch = 32;

    /// <summary>The readings, for figures and for the gate.</summary>
    /// <exception cref="RefusedException">The corpus has no test sample, or the model can't read its mouth clips.</exception>
    public static Evaluation Read(LoadedModel model, CorpusManifest corpus, string dataHash, FolderArtifactStore store, CancellationToken cancellationToken)
    {
        var samples = WordSamples.From(corpus, Split.Test).Samples;
        if (samples.Count == 0) throw new RefusedException($"Corpus {corpus.Name} has no usable clip in test, so nothing can be measured on it.");
        var read = new List<EvaluatedSample>(samples.Count);
        foreach (var batch in samples.Chunk(Batch))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var readings = model.Read([.. batch.Select(sample => Prepare(model, sample, store))]);
            read.AddRange(batch.Zip(readings, (sample, reading) =>
                new EvaluatedSample(sample.Id, sample.Speaker, sample.Seen, sample.Word, reading.Text, reading.Confidence, sample.EstimatedTimes)));
        }
        return EvaluationFile.Create(dataHash, read);
    }

    private static PreparedClip Prepare(LoadedModel model, WordSample sample, FolderArtifactStore store)
    {
        try
        {
            using var file = store.OpenRead(sample.MouthClip);
            var clip = MouthClipFile.Read(file);
            // As training does: a clip of one word without times is read as a whole.
            var isWhole = sample.Clip.Words.Count == 0 && !sample.EstimatedTimes;
            return model.PrepareSample(clip, isWhole ? null : WordSpan.FromSeconds(sample.Start, sample.End, clip.FramesPerSecond));
        }
        catch (UnusableClipException e)
        {
            throw new RefusedException($"The model can't read clip {sample.Clip.Id}: {e.Message}");
        }
    }
}
