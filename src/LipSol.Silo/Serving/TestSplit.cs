using LipSol.Artifacts;
using LipSol.Clips;
using LipSol.Contracts.Runs;
using LipSol.Corpus;
using LipSol.Corpus.Samples;
using LipSol.Inference;
using LipSol.Language.Decoding;
using LipSol.Language.Evaluation;

namespace LipSol.Silo.Serving;

/// <summary>Reads every test sample of a corpus with a model.</summary>
internal static class TestSplit
{
    private const int Batch = 32;
    private const int ClipsNamed = 5;

    /// <summary>The readings, for figures and for the gate: of words by a model of words, of sentences by one of letters.</summary>
    /// <exception cref="RefusedException">The corpus has no test sample, says letters that the model doesn't know, or the model has no such decoder or can't read its mouth clips.</exception>
    public static Evaluation Read(LoadedModel model, CorpusManifest corpus, string dataHash, DecoderKind? decoder, FolderArtifactStore store, CancellationToken cancellationToken)
    {
        RequireDecoder(model, decoder);
        return EvaluationFile.Create(dataHash, Batches(model, corpus, store, cancellationToken)
            .SelectMany(batch => batch.Zip(model.Read([.. batch.Select(s => s.Clip with { Decoder = decoder })]), (sample, reading) => Answered(sample.Unread, reading, model))));
    }

    /// <summary>The readings of every decoder that a model of letters has, in the model's order: one pass through the network for all.</summary>
    /// <exception cref="RefusedException">The model reads words; or as for <see cref="Read"/>.</exception>
    public static IReadOnlyList<(DecoderKind Kind, Evaluation Evaluation)> ReadWithEach(LoadedModel model, CorpusManifest corpus, string dataHash, FolderArtifactStore store, CancellationToken cancellationToken)
    {
        if (model.Decoders.Count == 0) throw new RefusedException("This model reads single words: there are no decoders to compare.");
        var read = model.Decoders.Select(kind => (Kind: kind, Samples: new List<EvaluatedSample>())).ToArray();
        foreach (var batch in Batches(model, corpus, store, cancellationToken))
            foreach (var (sample, readings) in batch.Zip(model.ReadWithEach([.. batch.Select(s => s.Clip)])))
                foreach (var (kind, samples) in read) samples.Add(Answered(sample.Unread, readings[kind], model));
        return [.. read.Select(r => (r.Kind, EvaluationFile.Create(dataHash, r.Samples)))];
    }

    private static IEnumerable<(EvaluatedSample Unread, PreparedClip Clip)[]> Batches(LoadedModel model, CorpusManifest corpus, FolderArtifactStore store, CancellationToken cancellationToken)
    {
        var samples = Samples(model.Manifest, corpus, Split.Test);
        if (samples.Count == 0) throw new RefusedException($"Corpus {corpus.Name} has no usable clip in test, so nothing can be measured on it.");
        foreach (var batch in samples.Chunk(Batch))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return [.. batch.Select(sample => (sample.Unread, Open(model, sample, store)))];
        }
    }

    private static EvaluatedSample Answered(EvaluatedSample unread, ClipReading reading, LoadedModel model) => unread with
    {
        Text = reading.Text,
        Confidence = reading.Confidence,
        // A single word's confidence is the sample's.
        Words = model.Manifest.Task == ModelTask.Word ? null : [.. reading.Words.Select(w => new EvaluatedWord(w.Text, w.Confidence))],
    };

    private static void RequireDecoder(LoadedModel model, DecoderKind? decoder)
    {
        try
        {
            model.RequireDecoder(decoder);
        }
        catch (UnavailableDecoderException e)
        {
            throw new RefusedException(e.Message);
        }
    }

    /// <summary>The samples of a split as the model reads them. Who is seen follows from what this model was trained on, the clips don't: they are the same for every model.</summary>
    /// <exception cref="RefusedException">The corpus says letters, or nothing but words, that the model doesn't know.</exception>
    public static IReadOnlyList<TestSample> Samples(ModelManifest model, CorpusManifest corpus, Split split)
    {
        var seen = corpus.Name == model.Corpus ? TrainingSelection.From(model.Parameters).ForReading(corpus) : corpus;
        return model.Task == ModelTask.Word ? Words(seen, split, model) : Sentences(seen, split, model);
    }

    // As training does: a clip of one word without times is read as a whole.
    private static List<TestSample> Words(CorpusManifest corpus, Split split, ModelManifest model)
    {
        var samples = WordSamples.From(corpus, split).Samples;
        if (samples.Count > 0 && !samples.Any(s => model.Vocabulary.Contains(s.Word)))
            throw new RefusedException($"This model knows not one of the words that corpus {corpus.Name} says ({samples[0].Clip.Id} says '{samples[0].Word}'): it was trained on {model.Corpus} and reads {string.Join(' ', model.Vocabulary.Take(12))}{(model.Vocabulary.Count > 12 ? " …" : "")}. Use a corpus of these words, or train a model on {corpus.Name}.");
        return [.. samples.Select(s => new TestSample(s.Clip, new EvaluatedSample(s.Id, s.Speaker, s.Seen, s.Word, "", 0, s.EstimatedTimes) { Recording = s.Clip.ContentHash },
            s.Clip.Words.Count == 0 && !s.EstimatedTimes ? null : (s.Start, s.End)))];
    }

    private static List<TestSample> Sentences(CorpusManifest corpus, Split split, ModelManifest model)
    {
        var samples = SentenceSamples.From(corpus, split).Samples;
        RequireLetters(corpus, samples, model);
        return [.. samples.Select(s => new TestSample(s.Clip, new EvaluatedSample(s.Id, s.Speaker, s.Seen, s.Text, "", 0) { Recording = s.Clip.ContentHash }, null))];
    }

    private static void RequireLetters(CorpusManifest corpus, IReadOnlyList<SentenceSample> samples, ModelManifest model)
    {
        var alphabet = new Alphabet([.. model.Vocabulary.Skip(1)]);
        var foreign = samples.Select(s => (s.Id, s.Text, Letters: alphabet.Foreign(s.Text))).Where(s => s.Letters.Count > 0).ToArray();
        if (foreign.Length == 0) return;
        var named = foreign.Take(ClipsNamed).Select(s => $"{s.Id} says {string.Join(' ', s.Letters.Select(r => $"'{r}'"))} ('{s.Text}')");
        throw new RefusedException($"Corpus {corpus.Name} is written with letters that this model doesn't know, in {foreign.Length} of {samples.Count} clips: {string.Join("; ", named)}{(foreign.Length > ClipsNamed ? $"; and {foreign.Length - ClipsNamed} more" : "")}. "
            + $"The model's alphabet is that of {model.Corpus}: {string.Concat(alphabet.Letters)}. Correct these transcripts, use a corpus of this alphabet, or train a model on {corpus.Name}.");
    }

    private static PreparedClip Open(LoadedModel model, TestSample sample, FolderArtifactStore store)
    {
        try
        {
            using var file = store.OpenRead(sample.Clip.MouthClip!);
            return sample.Prepare(model, MouthClipFile.Read(file));
        }
        catch (UnusableClipException e)
        {
            throw new RefusedException($"The model can't read clip {sample.Clip.Id}: {e.Message}");
        }
    }
}

/// <summary>A clip of a corpus as a model reads it.</summary>
/// <param name="Clip">The clip.</param>
/// <param name="Unread">What is expected.</param>
/// <param name="Word">Where the word is in it; null reads all of it.</param>
internal sealed record TestSample(CorpusClip Clip, EvaluatedSample Unread, (double Start, double End)? Word)
{
    /// <summary>The network's input.</summary>
    /// <exception cref="UnusableClipException">The model can't read this clip.</exception>
    public PreparedClip Prepare(LoadedModel model, MouthClip clip) =>
        model.PrepareSample(clip, Word is { } word ? WordSpan.FromSeconds(word.Start, word.End, clip.FramesPerSecond) : null);
}
