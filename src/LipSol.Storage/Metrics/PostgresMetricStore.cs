using LipSol.Contracts.Runs;
using LipSol.Grains.Ports;
using LipSol.Storage.Postgres;
using Npgsql;

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

    public Task<List<MetricPoint>> ReadAfterAsync(string runId, string? name, string afterName, long afterStep, int take, CancellationToken cancellationToken) =>
        _reader.ReadAfterAsync(runId, name, afterName, afterStep, take, cancellationToken);

    public Task<MetricHistory> HistoryAsync(string runId, string name, long fromStep, long toStep, int buckets, CancellationToken cancellationToken) =>
        _reader.HistoryAsync(runId, name, fromStep, toStep, buckets, cancellationToken);

    public async Task DeleteAsync(string runId, CancellationToken cancellationToken)
    {
        // The run's row last: as long as it's there, the rest is found. Only rows of this run are locked.
        foreach (string table in (string[])["MetricPoint", "MetricRollup", "MetricBatch", "MetricSeries", "MetricRun"])
        {
            await database.RunAsync(async (connection, token) =>
            {
                await using var delete = new NpgsqlCommand($"DELETE FROM {table} WHERE RunKey = (SELECT RunKey FROM MetricRun WHERE RunId = $1)", connection) { CommandTimeout = 0 };
                delete.Parameters.Add(new NpgsqlParameter { Value = runId });
                return await delete.ExecuteNonQueryAsync(token);
            }, cancellationToken);
        }
    }

    public Task<StoredPoints> ReadSinceAsync(string runId, long cursor, CancellationToken cancellationToken) =>
        _reader.ReadSinceAsync(runId, cursor, cancellationToken);

    public Task<StoredSummaries> SummariseAsync(string runId, CancellationToken cancellationToken) =>
        _reader.SummariseAsync(runId, cancellationToken);

    public ValueTask DisposeAsync() => _writer.DisposeAsync();
}
