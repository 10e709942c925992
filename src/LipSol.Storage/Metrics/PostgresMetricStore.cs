using LipSol.Contracts.Runs;
using LipSol.Grains.Ports;
using LipSol.Storage.Postgres;

namespace LipSol.Storage.Metrics;

/// <summary>Metric points in PostgreSQL: one writer whose transactions take in all appends that wait, readers on connections of the pool.</summary>
internal sealed class PostgresMetricStore(PostgresDatabase database) : IMetricStore, IAsyncDisposable
{
    private readonly PostgresMetricWriter _writer = new(database);
    private readonly PostgresMetricReader _reader = new(database);

    public Task BeginEpochAsync(string runId, long epoch, CancellationToken cancellationToken) =>
        _writer.RunAsync(new BeginEpoch(runId, epoch), cancellationToken);

    public Task EndEpochAsync(string runId, long epoch, CancellationToken cancellationToken) =>
        _writer.RunAsync(new EndEpoch(runId, epoch), cancellationToken);

    public Task<AppendedBatch> AppendAsync(string runId, long epoch, long batch, IReadOnlyList<MetricPoint> points, CancellationToken cancellationToken) =>
        _writer.RunAsync(new Append(runId, epoch, batch, points), cancellationToken);

    public Task<List<MetricPoint>> ReadAsync(string runId, string? name, int take, CancellationToken cancellationToken) =>
        _reader.ReadAsync(runId, name, Math.Max(take, 0), cancellationToken);

    public Task<StoredPoints> ReadSinceAsync(string runId, long cursor, CancellationToken cancellationToken) =>
        _reader.ReadSinceAsync(runId, cursor, cancellationToken);

    public Task<StoredSummaries> SummariseAsync(string runId, CancellationToken cancellationToken) =>
        _reader.SummariseAsync(runId, cancellationToken);

    public ValueTask DisposeAsync() => _writer.DisposeAsync();
}
