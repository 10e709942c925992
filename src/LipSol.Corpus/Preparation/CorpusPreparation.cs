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
/// new one is complete. At most <c>parallelism</c> clips are in memory. What it works on is written down before, so that a person's mouth clips are found whatever stops it.
/// </remarks>
public sealed class CorpusPreparation(CorpusCatalog catalog, ICropper cropper, int parallelism)
{
    private static readonly CropOutcome Withdrawn = new(null, 0, 0, null, "its speaker was withdrawn");

    /// <summary>Prepares the corpus.</summary>
    /// <exception cref="CorpusProblemsException">Not one clip can be used; it holds every reason.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; what was done is kept.</exception>
    public async Task<PreparedCorpus> PrepareAsync(CorpusDraft draft, IProgress<PreparationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        CorpusCatalog.CheckName(draft.Manifest.Name);
        // Who left stays out, whatever is imported again.
        var clips = catalog.Imports.Begin(draft.Manifest.Name, draft.Manifest.Clips);
        if (clips.Count == 0) throw new CorpusProblemsException([new CorpusProblem(".", null, "every clip is of a speaker who was withdrawn")]);
        var prepared = new CorpusClip?[clips.Count];
        try
        {
            var result = await PrepareAsync(draft, clips, prepared, progress, cancellationToken).ConfigureAwait(false);
            RemoveWithdrawn(draft.Manifest.Name, prepared);
            catalog.Imports.End(draft.Manifest.Name, clips);
            return result;
        }
        catch
        {
            RemoveWithdrawn(draft.Manifest.Name, prepared);
            throw;
        }
    }

    private async Task<PreparedCorpus> PrepareAsync(CorpusDraft draft, IReadOnlyList<CorpusClip> clips, CorpusClip?[] prepared, IProgress<PreparationProgress>? progress, CancellationToken cancellationToken)
    {
        var cache = new CropCache(catalog.DataFolder, cropper.Settings, catalog.Artifacts);
        var tally = new PreparationProgress(0, clips.Count, 0, 0, 0, 0, "");
        var gate = new Lock();
        var options = new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, parallelism), CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(Enumerable.Range(0, clips.Count), options, (i, cancelled) =>
        {
            var clip = clips[i];
            var kept = cache.Find(clip.ContentHash);
            var outcome = catalog.Withdrawals.Holds(clip.ContentHash) ? Withdrawn : kept ?? Crop(clip, draft.SourceFolder, cache, cancelled);
            prepared[i] = clip with { MouthClip = outcome.MouthClip, Frames = outcome.Frames, TrackedFrames = outcome.TrackedFrames, Refused = outcome.Refused };
            lock (gate)
            {
                tally = new PreparationProgress(tally.Done + 1, tally.Total, tally.Reused + (kept is null ? 0 : 1), tally.Refused + (outcome.Refused is null ? 0 : 1),
                    tally.Frames + outcome.Frames, tally.TrackedFrames + outcome.TrackedFrames, clip.Path);
                progress?.Report(tally);
            }
            return ValueTask.CompletedTask;
        }).ConfigureAwait(false);

        CorpusClip[] done = [.. prepared.OfType<CorpusClip>()];
        if (done.All(c => c.Refused is not null)) throw new CorpusProblemsException([.. done.Select(c => new CorpusProblem(c.Path, null, c.Refused!))]);
        var manifest = draft.Manifest with { Clips = done, Crops = cropper.Settings };
        var dataHash = catalog.Set(manifest);
        return new PreparedCorpus(dataHash, manifest with { Clips = catalog.Withdrawals.Remaining(manifest.Name, done) }, tally.Reused);
    }

    // Who left while this went on: what was made of their recordings goes again.
    private void RemoveWithdrawn(string corpus, CorpusClip?[] prepared)
    {
        CorpusClip[] done = [.. prepared.OfType<CorpusClip>()];
        var remaining = catalog.Withdrawals.Remaining(corpus, done);
        foreach (var left in done.Except(remaining))
        {
            if (left.MouthClip is { } clip && !remaining.Any(c => c.MouthClip == clip)) catalog.Artifacts.Remove(clip);
            CropCache.Forget(catalog.DataFolder, [left.ContentHash]);
        }
    }

    private CropOutcome Crop(CorpusClip clip, string folder, CropCache cache, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, clip.Path);
        CropOutcome outcome;
        try
        {
            var mouth = cropper.Crop(path, cancellationToken);
            // It took a while: who left meanwhile leaves nothing new behind.
            if (catalog.Withdrawals.Holds(clip.ContentHash)) return Withdrawn;
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
