using LipSol.Contracts.Runs;

namespace LipSol.Grains.Ports;

/// <summary>Metric points, outside grain state. One transaction makes (run, epoch, batch) unique and refuses a stale epoch.</summary>
public interface IMetricStore
{
    /// <summary>From now on only <paramref name="epoch"/> may append to the run. Epochs only rise.</summary>
    Task BeginEpochAsync(string runId, long epoch, CancellationToken cancellationToken);

    /// <summary>Appends a batch durably. Returns false where this batch had been appended before (nothing changes).</summary>
    /// <exception cref="StaleLeaseException">The epoch isn't the run's current one.</exception>
    Task<bool> AppendAsync(string runId, long epoch, long batch, IReadOnlyList<MetricPoint> points, CancellationToken cancellationToken);

    /// <summary>Points of a run, of one metric or (null) of all, by name and step; per (name, step) the highest epoch's value.</summary>
    Task<List<MetricPoint>> ReadAsync(string runId, string? name, int take, CancellationToken cancellationToken);
}
