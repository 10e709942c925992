using LipSol.Clips;
using LipSol.Corpus.Import;

namespace LipSol.Corpus.Preparation;

/// <summary>How far a preparation is.</summary>
/// <param name="Done">Clips done, whatever became of them.</param>
/// <param name="Total">Clips in all.</param>
/// <param name="Reused">Of those done, the ones whose outcome was in the cache.</param>
/// <param name="Refused">Of those done, the ones that can't be used.</param>
/// <param name="Frames">Frames of the mouth clips.</param>
/// <param name="TrackedFrames">Of those, really tracked.</param>
/// <param name="Path">The clip just done.</param>
public sealed record PreparationProgress(int Done, int Total, int Reused, int Refused, long Frames, long TrackedFrames, string Path);

/// <summary>A corpus that's ready for training.</summary>
/// <param name="DataHash">MD5 of its manifest.</param>
/// <param name="Manifest">The manifest.</param>
/// <param name="Reused">Clips whose outcome was in the cache.</param>
public sealed record PreparedCorpus(string DataHash, CorpusManifest Manifest, int Reused);

/// <summary>Makes the mouth clips of a draft, stores them and the manifest, and points the corpus' name at it.</summary>
/// <remarks>
/// Interrupted, it goes on where it was when called again: every outcome is kept as soon as it's there. The name points at the old version until the
/// new one is complete. At most <c>parallelism</c> clips are in memory.
/// </remarks>
public sealed class CorpusPreparation(CorpusCatalog catalog, ICropper cropper, int parallelism)
{
    /// <summary>Prepares the corpus.</summary>
    /// <exception cref="CorpusProblemsException">Not one clip can be used; it holds every reason.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; what was done is kept.</exception>
    public async Task<PreparedCorpus> PrepareAsync(CorpusDraft draft, IProgress<PreparationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        CorpusCatalog.CheckName(draft.Manifest.Name);
        var clips = draft.Manifest.Clips;
        var prepared = new CorpusClip[clips.Count];
        var cache = new CropCache(catalog.DataFolder, cropper.Settings, catalog.Artifacts);
        var tally = new PreparationProgress(0, clips.Count, 0, 0, 0, 0, "");
        var gate = new Lock();
        var options = new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, parallelism), CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(Enumerable.Range(0, clips.Count), options, (i, cancelled) =>
        {
            var clip = clips[i];
            var kept = cache.Find(clip.ContentHash);
            var outcome = kept ?? Crop(clip, draft.SourceFolder, cache, cancelled);
            prepared[i] = clip with { MouthClip = outcome.MouthClip, Frames = outcome.Frames, TrackedFrames = outcome.TrackedFrames, Refused = outcome.Refused };
            lock (gate)
            {
                tally = new PreparationProgress(tally.Done + 1, tally.Total, tally.Reused + (kept is null ? 0 : 1), tally.Refused + (outcome.Refused is null ? 0 : 1),
                    tally.Frames + outcome.Frames, tally.TrackedFrames + outcome.TrackedFrames, clip.Path);
                progress?.Report(tally);
            }
            return ValueTask.CompletedTask;
        }).ConfigureAwait(false);

        if (prepared.All(c => c.Refused is not null)) throw new CorpusProblemsException([.. prepared.Select(c => new CorpusProblem(c.Path, null, c.Refused!))]);
        var manifest = draft.Manifest with { Clips = prepared, Crops = cropper.Settings };
        return new PreparedCorpus(catalog.Set(manifest), manifest, tally.Reused);
    }

    private CropOutcome Crop(CorpusClip clip, string folder, CropCache cache, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, clip.Path);
        CropOutcome outcome;
        try
        {
            var mouth = cropper.Crop(path, cancellationToken);
            outcome = new CropOutcome(catalog.Artifacts.PutBytes(MouthClipFile.ToBytes(mouth)), mouth.Length,
                mouth.Quality.Count(q => q.Source == FrameSource.Tracked), null, null);
        }
        catch (UnusableClipException e)
        {
            // The manifest must not depend on where the folder lies.
            outcome = new CropOutcome(null, 0, 0, e.Reason, e.Message.Replace(path, clip.Path, StringComparison.Ordinal));
        }
        cache.Keep(clip.ContentHash, outcome);
        return outcome;
    }
}
