using LipSol.Contracts.Runs;

namespace LipSol.Grains.Ports;

/// <summary>The run records once more, for searches. The grains' own records are the truth: the index can be made again from them.</summary>
public interface IRunIndex
{
    /// <summary>Writes a record; one with a lower <paramref name="revision"/> than the one that is there changes nothing.</summary>
    Task PutAsync(RunRecord record, long revision, CancellationToken cancellationToken);

    /// <summary>Runs, newest first.</summary>
    Task<List<RunRecord>> ListAsync(RunQuery query, CancellationToken cancellationToken);

    /// <summary>All experiments that have runs, by name; an experiment is as old as its first run.</summary>
    Task<List<ExperimentRecord>> ListExperimentsAsync(CancellationToken cancellationToken);

    /// <summary>The ids of all runs that have a record of their own, whether the index has them or not.</summary>
    Task<List<string>> ListRecordedRunsAsync(CancellationToken cancellationToken);
}
