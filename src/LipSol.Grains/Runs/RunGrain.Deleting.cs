using LipSol.Contracts.Models;
using LipSol.Contracts.Runs;

namespace LipSol.Grains.Runs;

/// <summary>A run's end as a record: hidden first, then gone.</summary>
internal sealed partial class RunGrain
{
    public async Task DeleteAsync()
    {
        RunRecord record = Record();
        if (record.DeletedAt is not null) return;
        if (!RunRules.IsOver(record.Status)) throw new RefusedException($"Run {Id} is {record.Status.ToString().ToLowerInvariant()}. Stop it first: `lipsol runs stop {Id}`.");
        await RefuseWhereModelsNeedItAsync();
        await WriteAsync(Record() with { DeletedAt = time.GetUtcNow() });
    }

    public Task RestoreAsync() => Record().DeletedAt is null ? Task.CompletedTask : WriteAsync(Record() with { DeletedAt = null });

    public async Task PurgeAsync()
    {
        if (state.State.Record is { } record)
        {
            if (record.DeletedAt is null) throw new RefusedException($"Run {Id} isn't deleted: only deleted runs are purged. `lipsol runs delete {Id}` hides it first.");
            await RefuseWhereModelsNeedItAsync();
            if (record.Checkpoints.Count > 0) await KeepAsync([]);
            if (!await RemoveUnneededAsync())
                throw new RefusedException($"Run {Id} isn't purged yet: its checkpoints couldn't be removed from the artifact store, and the node's log says why. It's still deleted; purge it again once they can be.");
            _laterWrite?.Dispose();
            _laterRemoval?.Dispose();
            (_laterWrite, _laterRemoval) = (null, null);
        }
        // The record goes before its row in the index: as long as the row is there, the run is found and can be purged to its end.
        await metrics.DeleteAsync(Id, CancellationToken.None);
        if (state.State.Record is not null) await state.ClearStateAsync();
        state.State = new RunState();
        await index.RemoveAsync(Id, CancellationToken.None);
        _feed.Ring();
        DeactivateOnIdle();
    }

    private async Task RefuseWhereModelsNeedItAsync()
    {
        string[] versions =
        [
            .. from model in await GrainFactory.GetGrain<IModelRegistryGrain>(0).ListAsync()
               from version in model.Versions
               where version.RunId == Id && version.Origin is null
               let aliases = string.Join(", ", model.Aliases.Where(a => a.Value == version.Version).Select(a => a.Key).Order(StringComparer.Ordinal))
               select $"version {version.Version} of model {model.Name}{(aliases.Length > 0 ? $" ({aliases})" : "")}",
        ];
        if (versions.Length > 0) throw new RefusedException($"Run {Id} made {string.Join(" and ", versions)}, which {(versions.Length == 1 ? "is" : "are")} traced back to it: a run that a model stands on is kept.");
    }
}
