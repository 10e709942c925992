using LipSol.Contracts.Runs;

namespace LipSol.Grains.Ports;

/// <summary>Metric points, outside grain state. One transaction makes (run, epoch, batch) unique and refuses a stale epoch.</summary>
public interface IMetricStore
{
    /// <summary>From now on only <paramref name="epoch"/> may append to the run. Epochs only rise. Repeatable.</summary>
    /// <exception cref="StaleLeaseException">A higher epoch has begun, or this one has ended.</exception>
    Task BeginEpochAsync(string runId, long epoch, CancellationToken cancellationToken);

    /// <summary>From now on <paramref name="epoch"/> may append no more; an epoch other than the run's current one changes nothing. Repeatable.</summary>
    Task EndEpochAsync(string runId, long epoch, CancellationToken cancellationToken);

    /// <summary>Appends a batch durably: once this returns, the points survive what <c>StorageOptions.Durability</c> says. A batch that was appended before changes nothing.</summary>
    /// <exception cref="StaleLeaseException">The epoch isn't the run's current one, or has ended.</exception>
    Task<AppendedBatch> AppendAsync(string runId, long epoch, long batch, IReadOnlyList<MetricPoint> points, CancellationToken cancellationToken);

    /// <summary>The first <paramref name="take"/> points of a run, of one metric or (null) of all, by name and step; per (name, step) the highest epoch's value.</summary>
    Task<List<MetricPoint>> ReadAsync(string runId, string? name, int take, CancellationToken cancellationToken);

    /// <summary>All points that batches after <paramref name="cursor"/> wrote and nothing later wrote over, batch by batch; a batch of which nothing is left is left out.</summary>
    Task<StoredPoints> ReadSinceAsync(string runId, long cursor, CancellationToken cancellationToken);

    /// <summary>Points of a run behind (<paramref name="afterName"/>, <paramref name="afterStep"/>) by name and step, of one metric or (null) of all; for reading many points in pages.</summary>
    Task<List<MetricPoint>> ReadAfterAsync(string runId, string? name, string afterName, long afterStep, int take, CancellationToken cancellationToken);

    /// <summary>A metric's course between two steps (both included) in at most <paramref name="buckets"/> buckets of equal width, from what is kept in brief when points are written.</summary>
    Task<MetricHistory> HistoryAsync(string runId, string name, long fromStep, long toStep, int buckets, CancellationToken cancellationToken);

    /// <summary>Deletes all that is kept of a run, in bounded transactions that let others write in between. Repeatable, also where it was cut short.</summary>
    Task DeleteAsync(string runId, CancellationToken cancellationToken);

    /// <summary>Every metric of a run in brief, computed from the points, with the cursor they reach to.</summary>
    Task<StoredSummaries> SummariseAsync(string runId, CancellationToken cancellationToken);
}

/// <summary>What an append did.</summary>
/// <param name="Cursor">The batches of the run so far, over all epochs; this batch's own number where it is new.</param>
/// <param name="Repeated">The batch had been appended before; nothing changed.</param>
public readonly record struct AppendedBatch(long Cursor, bool Repeated);

/// <summary>Batches, oldest first, with the cursor they reach to (that of the run's last batch, whether it is among them or not).</summary>
public sealed record StoredPoints(long Cursor, List<StoredBatch> Batches);

/// <summary>The points of one batch. Cursors count the batches of a run from 1 on.</summary>
public readonly record struct StoredBatch(long Cursor, IReadOnlyList<MetricPoint> Points);

/// <summary>Metrics in brief with the cursor they reach to.</summary>
public sealed record StoredSummaries(long Cursor, Dictionary<string, MetricSummary> Metrics);
