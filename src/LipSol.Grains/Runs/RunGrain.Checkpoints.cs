using LipSol.Contracts.Models;
using LipSol.Contracts.Runs;
using LipSol.Grains.Runs.Checkpoints;
using Microsoft.Extensions.Logging;

namespace LipSol.Grains.Runs;

/// <summary>
/// The run's checkpoints. The record names the current one before any other is removed, and in the same write what is to be removed: whenever the grain dies, what the run would go on from is there,
/// and what was to go still goes. Artifacts are addressed by content, so one may be several things at once: it's removed only where nothing refers to it.
/// </summary>
internal sealed partial class RunGrain
{
    private IGrainTimer? _laterRemoval;

    public async Task RecordCheckpointAsync(long epoch, Checkpoint checkpoint)
    {
        RunRecord record = Held(epoch);
        if (record.Checkpoints.Any(c => c.Artifact == checkpoint.Artifact && c.Step == checkpoint.Step)) return;
        long number = record.Checkpoints is [.., var last] ? last.Number + 1 : 1;
        // What an earlier attempt of this run left there is its own.
        bool wasThere = checkpoint.WasThere && !record.Checkpoints.Any(c => c.Artifact == checkpoint.Artifact && !c.WasThere) && state.State.Unneeded?.Contains(checkpoint.Artifact) != true;
        await KeepAsync(CheckpointChoice.Kept(record.Spec.Keep, [.. record.Checkpoints, checkpoint with { Number = number, WasThere = wasThere }]));
    }

    // Writes down which checkpoints there are from now on, and removes the others.
    private async Task KeepAsync(List<Checkpoint> kept)
    {
        RunRecord record = Record();
        HashSet<string> named = [.. kept.Select(c => c.Artifact)];
        string[] unneeded = [.. (state.State.Unneeded ?? []).Union(record.Checkpoints.Where(c => !c.WasThere).Select(c => c.Artifact)).Where(a => !named.Contains(a))];
        state.State.Unneeded = unneeded.Length > 0 ? [.. unneeded] : null;
        await WriteAsync(record with { Checkpoints = kept });
        await RemoveUnneededAsync();
    }

    // What can't be removed now is tried again later: the list of it is part of the state. Never fails.
    private async Task<bool> RemoveUnneededAsync()
    {
        HashSet<string> own = state.State.Record is { } record ? RunArtifacts.Of(record) : [];
        if (state.State.Unneeded is not { } unneeded || unneeded.TrueForAll(own.Contains)) return true;
        try
        {
            // As long as the index doesn't know what this run let go, another run that lets go of the same would leave it to this one, and this one to it.
            if (state.State.Record is not null && _indexed != state.State.Revision) await ReindexAsync();
            HashSet<string> models = await OfModelsAsync();
            List<Exception> failures = [];
            foreach (string artifact in unneeded.Where(a => !own.Contains(a)).ToArray())
            {
                try
                {
                    // Whoever refers to it removes it once it's the last to do so.
                    if (!models.Contains(artifact) && !await index.IsReferredToAsync(artifact, Id, CancellationToken.None)) await remover.RemoveAsync(artifact, CancellationToken.None).WaitAsync(options.RemovalTimeout);
                    unneeded.Remove(artifact);
                }
                catch (Exception e)
                {
                    failures.Add(e);
                }
            }
            if (unneeded.Count == 0) state.State.Unneeded = null;
            if (state.State.Record is not null) WriteLater();
            return failures.Count == 0 || TryLater(new AggregateException(failures));
        }
        catch (Exception e)
        {
            return TryLater(e);
        }
    }

    private bool TryLater(Exception e)
    {
        logger.LogWarning(e, "Checkpoints that run {Run} no longer needs couldn't be removed from the artifact store; it's tried again in {Time}.", Id, options.RemovalRetry);
        RemoveLater(options.RemovalRetry);
        return false;
    }

    private void RemoveLater(TimeSpan delay)
    {
        _laterRemoval?.Dispose();
        _laterRemoval = this.RegisterGrainTimer(static (self, _) => self.RemoveUnneededAsync(), this, delay, Timeout.InfiniteTimeSpan);
    }

    private async Task<HashSet<string>> OfModelsAsync()
    {
        List<ModelRecord> models = await GrainFactory.GetGrain<IModelRegistryGrain>(0).ListAsync();
        return [.. models.SelectMany(m => m.Versions).SelectMany(v => RunArtifacts.Of(v.Outcome))];
    }
}
