using LipSol.Contracts.Runs;
using LipSol.Grains.Runs.Search;

namespace LipSol.Grains.Ports;

/// <summary>The run records once more, for searches. The grains' own records are the truth: the index can be made again from them.</summary>
public interface IRunIndex
{
    /// <summary>Writes a record; one with a lower <paramref name="revision"/> than the one that is there changes nothing.</summary>
    Task PutAsync(RunRecord record, long revision, CancellationToken cancellationToken);

    /// <summary>Takes a run out. Repeatable.</summary>
    Task RemoveAsync(string runId, CancellationToken cancellationToken);

    /// <summary>A page of the runs that a search finds. The records are those of lists: without attempts, with the current checkpoint only, without figures by speaker.</summary>
    /// <exception cref="RefusedException"><see cref="RunSelection.After"/> isn't a place that a page with this order gave.</exception>
    Task<RunPage> SearchAsync(RunSelection selection, CancellationToken cancellationToken);

    /// <summary>Whether a run other than this one refers to an artifact: checkpoint, outcome, what it kept or started from. Deleted runs count until they are purged.</summary>
    Task<bool> IsReferredToAsync(string artifact, string exceptRun, CancellationToken cancellationToken);

    /// <summary>Runs that aren't deleted, newest first; records as in <see cref="SearchAsync"/>.</summary>
    Task<List<RunRecord>> ListAsync(RunQuery query, CancellationToken cancellationToken);

    /// <summary>All experiments that have runs which aren't deleted, by name; an experiment is as old as its first run.</summary>
    Task<List<ExperimentRecord>> ListExperimentsAsync(CancellationToken cancellationToken);

    /// <summary>The ids of all runs that have a record of their own, whether the index has them or not.</summary>
    Task<List<string>> ListRecordedRunsAsync(CancellationToken cancellationToken);
}
