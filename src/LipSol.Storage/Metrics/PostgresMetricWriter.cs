using System.Threading.Channels;
using LipSol.Storage.Postgres;
using Npgsql;

namespace LipSol.Storage.Metrics;

/// <summary>
/// Runs metric writes, those that wait at the same time in one transaction: round trips and the sync to the server's disk are shared by all of them.
/// A write is done once its transaction is committed; one that is refused changes nothing and hinders no other.
/// </summary>
internal sealed class PostgresMetricWriter : IAsyncDisposable
{
    private const int LargestGroup = 256, MostPoints = 100_000;
    private readonly Channel<MetricWrite> _waiting = Channel.CreateBounded<MetricWrite>(new BoundedChannelOptions(4 * LargestGroup) { SingleReader = true });
    private readonly PostgresDatabase _database;
    private readonly PostgresMetricNames _names;
    private readonly Lazy<Task> _pump;

    public PostgresMetricWriter(PostgresDatabase database)
    {
        _database = database;
        _names = new PostgresMetricNames(database);
        _pump = new Lazy<Task>(() => Task.Run(PumpAsync));
    }

    public async Task<T> RunAsync<T>(MetricWrite<T> write, CancellationToken cancellationToken)
    {
        (write as Append)?.CheckNames();
        _ = _pump.Value;
        await _waiting.Writer.WriteAsync(write, cancellationToken);
        return await write.Completion;
    }

    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        if (_pump.IsValueCreated) await _pump.Value;
    }

    private async Task PumpAsync()
    {
        var group = new List<MetricWrite>(LargestGroup);
        while (await _waiting.Reader.WaitToReadAsync())
        {
            int points = 0;
            while (group.Count < LargestGroup && points < MostPoints && _waiting.Reader.TryRead(out MetricWrite? write))
            {
                group.Add(write);
                points += (write as Append)?.Points.Count ?? 0;
            }
            await DoAsync(group);
            group.Clear();
        }
    }

    private async Task DoAsync(List<MetricWrite> group)
    {
        try
        {
            await CommitAsync(group);
        }
        catch (Exception e) when (group.Count > 1 && e is PostgresException && !StorageErrors.IsUnavailable(e) && !StorageErrors.IsDiskFull(e))
        {
            // The server refuses something in one of them: alone each gets its own answer.
            foreach (MetricWrite write in group) await DoAsync([write]);
            return;
        }
        catch (Exception e)
        {
            // The database may be another one by the time it's back.
            _names.Forget();
            foreach (MetricWrite write in group) write.Fail(e);
            return;
        }
        foreach (MetricWrite write in group) write.Succeed();
    }

    private async Task CommitAsync(List<MetricWrite> group)
    {
        Dictionary<string, int> names = await _names.KeysAsync(group.OfType<Append>().SelectMany(a => a.Points).Select(p => p.Name));
        for (int attempt = 0; ; attempt++)
        {
            await using NpgsqlConnection connection = await _database.Records.OpenConnectionAsync();
            await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync();
            var runs = new PostgresMetricRuns(connection);
            Dictionary<string, LockedRun> locked;
            try
            {
                locked = await runs.LockAsync(group);
            }
            catch (Exception e) when (attempt == 0 && StorageErrors.IsConnectionGone(e))
            {
                // A connection that the pool has held since before the server was restarted. Nothing is written yet.
                continue;
            }
            var changes = new MetricChanges(names);
            foreach (MetricWrite write in group) Apply(write, locked, changes);
            if (changes.Any) await runs.WriteAsync(changes);
            await transaction.CommitAsync();
            return;
        }
    }

    private static void Apply(MetricWrite write, Dictionary<string, LockedRun> locked, MetricChanges changes)
    {
        write.Refusal = null;
        try
        {
            write.Apply(locked.GetValueOrDefault(write.RunId) ?? new LockedRun { Key = 0, Exists = false }, changes);
        }
        catch (Contracts.Runs.StaleLeaseException e)
        {
            write.Refusal = e;
        }
    }
}
