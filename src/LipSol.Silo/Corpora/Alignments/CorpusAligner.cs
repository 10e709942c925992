using LipSol.Artifacts;
using LipSol.Clips;
using LipSol.Contracts.Runs;
using LipSol.Corpus;
using LipSol.Inference;
using LipSol.Language.Decoding;

namespace LipSol.Silo.Corpora.Alignments;

/// <summary>Where the words of a corpus' sentences are said, as a model finds them.</summary>
internal static class CorpusAligner
{
    /// <summary>Aligns the clips without word times of their own (those that a model found are found anew), and those of the test split that have some, to compare.</summary>
    /// <exception cref="RefusedException">The model reads words, or can't read this corpus' mouth clips.</exception>
    public static FoundTimes Align(LoadedModel model, CorpusManifest corpus, FolderArtifactStore store, CancellationToken cancellationToken)
    {
        if (model.Manifest.Task == ModelTask.Word) throw new RefusedException("This model reads single words. Align with one that reads sentences (char-tcn, char-gru).");
        var (found, refused, compared) = (new Dictionary<string, IReadOnlyList<WordTime>>(), new List<(string, string)>(), new List<(WordTime, WordTime, double)>());
        var clips = 0;
        foreach (var clip in corpus.Clips.Where(c => c.MouthClip is not null && (NeedsTimes(c) || c.Split == Split.Test && Tells(c))))
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                using var file = store.OpenRead(clip.MouthClip!);
                var mouth = MouthClipFile.Read(file);
                WordTime[] times = [.. model.Align(model.PrepareSample(mouth, null), clip.Text).Select(w => new WordTime(w.Text, w.Start, w.End))];
                if (NeedsTimes(clip)) found.Add(clip.Id, times);
                else
                {
                    clips++;
                    compared.AddRange(times.Zip(clip.Words, (ours, theirs) => (ours, theirs, mouth.FramesPerSecond)));
                }
            }
            catch (UnusableTranscriptException e)
            {
                refused.Add((clip.Id, $"{e.Message} {Advice(e.Problem, corpus)}"));
            }
            catch (UnusableClipException e)
            {
                throw new RefusedException($"The model can't read clip {clip.Id}: {e.Message}");
            }
        }
        return new FoundTimes(found, refused, clips, compared);
    }

    private static string Advice(TranscriptProblem problem, CorpusManifest corpus) => problem switch
    {
        TranscriptProblem.OutsideAlphabet => $"Correct the transcript, or align with a model that was trained on {corpus.Name} or on a corpus of its letters.",
        TranscriptProblem.TooLong => "The transcript belongs to another clip, or the clip was cut short: correct one of the two.",
        _ => "Write down what is said, or take the clip out.",
    };

    private static bool NeedsTimes(CorpusClip clip) => clip.Words.Count == 0 || clip.WordsFoundBy is not null;

    // Times that tell of other words than the transcript can't be compared.
    private static bool Tells(CorpusClip clip) => string.Join(' ', clip.Words.Select(w => w.Word)) == clip.Text;
}

/// <summary>What aligning a corpus found.</summary>
/// <param name="ByClip">The times of clips that had none.</param>
/// <param name="Refused">Clips that couldn't be aligned, and why.</param>
/// <param name="Clips">Clips whose times were compared.</param>
/// <param name="Compared">Words as found and as the corpus has them, with the clip's frames a second.</param>
internal sealed record FoundTimes(IReadOnlyDictionary<string, IReadOnlyList<WordTime>> ByClip, IReadOnlyList<(string Id, string Reason)> Refused, int Clips, IReadOnlyList<(WordTime Ours, WordTime Theirs, double FramesPerSecond)> Compared);
