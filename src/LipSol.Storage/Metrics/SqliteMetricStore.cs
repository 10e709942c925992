using LipSol.Contracts.Runs;
using LipSol.Grains.Ports;
using LipSol.Storage.Sqlite;

namespace LipSol.Storage.Metrics;

/// <summary>Metric points in SQLite: one writer connection whose transactions take in all appends that wait, readers on connections of their own.</summary>
internal sealed class SqliteMetricStore(SqliteDataSource source) : IMetricStore, IAsyncDisposable
{
    private readonly GroupCommit<MetricTransaction> _writer = new(() => new MetricTransaction(source.OpenSqliteConnection()));
    private readonly MetricReader _reader = new(source);
    private readonly MetricHistoryReader _history = new(source);

    public Task BeginEpochAsync(string runId, long epoch, CancellationToken cancellationToken) =>
        _writer.RunAsync(t => t.BeginEpoch(runId, epoch), cancellationToken);

    public Task EndEpochAsync(string runId, long epoch, CancellationToken cancellationToken) =>
        _writer.RunAsync(t => t.EndEpoch(runId, epoch), cancellationToken);

    public Task<AppendedBatch> AppendAsync(string runId, long epoch, long batch, IReadOnlyList<MetricPoint> points, CancellationToken cancellationToken) =>
        _writer.RunAsync(t => t.Append(runId, epoch, batch, points), cancellationToken);

    public Task<List<MetricPoint>> ReadAsync(string runId, string? name, int take, CancellationToken cancellationToken) =>
        Task.Run(() => _reader.Read(runId, name, take), cancellationToken);

    public Task<List<MetricPoint>> ReadAfterAsync(string runId, string? name, string afterName, long afterStep, int take, CancellationToken cancellationToken) =>
        Task.Run(() => _reader.ReadAfter(runId, name, afterName, afterStep, take), cancellationToken);

    public Task<MetricHistory> HistoryAsync(string runId, string name, long fromStep, long toStep, int buckets, CancellationToken cancellationToken) =>
        Task.Run(() => _history.Read(runId, name, fromStep, toStep, buckets), cancellationToken);

    public async Task DeleteAsync(string runId, CancellationToken cancellationToken)
    {
        while (await _writer.RunAsync(t => t.DeleteSome(runId), cancellationToken)) { }
    }

    public Task<StoredPoints> ReadSinceAsync(string runId, long cursor, CancellationToken cancellationToken) =>
        Task.Run(() => _reader.ReadSince(runId, cursor), cancellationToken);

    public Task<StoredSummaries> SummariseAsync(string runId, CancellationToken cancellationToken) =>
        Task.Run(() => _reader.Summarise(runId), cancellationToken);

    public ValueTask DisposeAsync() => _writer.DisposeAsync();
}
