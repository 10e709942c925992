using LipSol.Contracts.Runs;
using LipSol.Grains.Ports;
using LipSol.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace LipSol.Storage.Metrics;

/// <summary>The writes of the metric store, on prepared statements of one connection.</summary>
internal sealed class MetricTransaction : IGroupTransaction
{
    private const int DeletedTogether = 20_000;

    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, long> _nameKeys = new(StringComparer.Ordinal);
    private readonly SqliteStatement _begin, _commit, _rollback, _step, _endStep, _undo, _readRun, _insertRun, _updateRun, _readBatch, _insertBatch, _moveCursor, _insertName, _readName, _insertPoint, _lastStep;
    private readonly RollupWriter _rollups;
    private readonly GatheredRollups _gathered = new();

    public MetricTransaction(SqliteConnection connection)
    {
        _connection = connection;
        _begin = new(connection, "BEGIN IMMEDIATE");
        _commit = new(connection, "COMMIT");
        _rollback = new(connection, "ROLLBACK");
        _step = new(connection, "SAVEPOINT step");
        _endStep = new(connection, "RELEASE step");
        _undo = new(connection, "ROLLBACK TO step; RELEASE step");
        _readRun = new(connection, "SELECT RunKey, Epoch, Open, Cursor FROM MetricRun WHERE RunId = @run", "@run");
        _insertRun = new(connection, "INSERT INTO MetricRun (RunId, Epoch, Open, Cursor) VALUES (@run, @epoch, 1, 0)", "@run", "@epoch");
        _updateRun = new(connection, "UPDATE MetricRun SET Epoch = @epoch, Open = @open WHERE RunKey = @run", "@run", "@epoch", "@open");
        _readBatch = new(connection, "SELECT Cursor FROM MetricBatch WHERE RunKey = @run AND Epoch = @epoch AND Batch = @batch", "@run", "@epoch", "@batch");
        _insertBatch = new(connection, "INSERT INTO MetricBatch (RunKey, Epoch, Batch, Cursor) VALUES (@run, @epoch, @batch, @cursor)", "@run", "@epoch", "@batch", "@cursor");
        _moveCursor = new(connection, "UPDATE MetricRun SET Cursor = @cursor WHERE RunKey = @run", "@run", "@cursor");
        _insertName = new(connection, "INSERT INTO MetricName (Name) VALUES (@name) ON CONFLICT DO NOTHING", "@name");
        _readName = new(connection, "SELECT NameKey FROM MetricName WHERE Name = @name", "@name");
        _insertPoint = new(connection, """
            INSERT INTO MetricPoint (RunKey, NameKey, Step, Epoch, Cursor, Value, Time) VALUES (@run, @name, @step, @epoch, @cursor, @value, @time)
            ON CONFLICT DO UPDATE SET Epoch = excluded.Epoch, Cursor = excluded.Cursor, Value = excluded.Value, Time = excluded.Time
            WHERE excluded.Epoch >= MetricPoint.Epoch
            """, "@run", "@name", "@step", "@epoch", "@cursor", "@value", "@time");
        _lastStep = new(connection, "SELECT max(Step) FROM MetricPoint WHERE RunKey = @run AND NameKey = @name", "@run", "@name");
        _rollups = new RollupWriter(connection);
    }

    public void BeginEpoch(string runId, long epoch)
    {
        if (FindRun(runId) is not { } run)
        {
            _insertRun.Execute(runId, epoch);
            return;
        }
        if (epoch < run.Epoch || epoch == run.Epoch && !run.Open)
            throw new StaleLeaseException($"Run {runId}: epoch {epoch} can't begin, epoch {run.Epoch} has {(run.Open ? "begun" : "ended")}.");
        if (epoch > run.Epoch) _updateRun.Execute(run.Key, epoch, 1L);
    }

    public void EndEpoch(string runId, long epoch)
    {
        if (FindRun(runId) is { Open: true } run && run.Epoch == epoch) _updateRun.Execute(run.Key, epoch, 0L);
    }

    public AppendedBatch Append(string runId, long epoch, long batch, IReadOnlyList<MetricPoint> points)
    {
        if (FindRun(runId) is not { } run || run.Epoch != epoch)
            throw new StaleLeaseException($"Run {runId}: epoch {epoch} isn't the one that holds the run; its worker must end.");
        if (_readBatch.ReadLong(run.Key, epoch, batch) is not null) return new AppendedBatch(run.Cursor, Repeated: true);
        if (!run.Open) throw new StaleLeaseException($"Run {runId}: epoch {epoch} has ended; its worker must end.");

        long cursor = run.Cursor + 1;
        _insertBatch.Execute(run.Key, epoch, batch, cursor);
        _moveCursor.Execute(run.Key, cursor);
        foreach (IGrouping<string, MetricPoint> ofName in points.GroupBy(p => p.Name, StringComparer.Ordinal)) Append(run.Key, ofName, epoch, cursor);
        return new AppendedBatch(cursor, Repeated: false);
    }

    /// <summary>Deletes some of a run; whether there is more.</summary>
    public bool DeleteSome(string runId)
    {
        if (FindRun(runId) is not { } run) return false;
        foreach ((string table, string key) in (ReadOnlySpan<(string, string)>)[("MetricPoint", "NameKey, Step"), ("MetricRollup", "NameKey, Level, Bucket"), ("MetricBatch", "Epoch, Batch")])
        {
            using var delete = new SqliteStatement(_connection, $"DELETE FROM {table} WHERE RunKey = @run AND ({key}) IN (SELECT {key} FROM {table} WHERE RunKey = @run LIMIT {DeletedTogether})", "@run");
            if (delete.Execute(run.Key) > 0) return true;
        }
        using var last = new SqliteStatement(_connection, "DELETE FROM MetricRun WHERE RunKey = @run", "@run");
        last.Execute(run.Key);
        return false;
    }

    public void Begin() => _begin.Execute();

    public void BeginStep() => _step.Execute();

    public void EndStep() => _endStep.Execute();

    public bool TryUndo()
    {
        _nameKeys.Clear();
        // Where the disk is full SQLite may have rolled the whole transaction back by itself.
        if (raw.sqlite3_get_autocommit(_connection.Handle) != 0) return false;
        _undo.Execute();
        return true;
    }

    public void Commit() => _commit.Execute();

    public void Rollback()
    {
        _nameKeys.Clear();
        if (raw.sqlite3_get_autocommit(_connection.Handle) == 0) _rollback.Execute();
    }

    public void Dispose() => _connection.Dispose();

    // Points that follow one another, as training tells them, are added to what is kept in brief; where steps come again or late, the buckets are made anew from the points.
    private void Append(long run, IEnumerable<MetricPoint> points, long epoch, long cursor)
    {
        long name = -1, last = -1;
        _gathered.Clear();
        foreach (MetricPoint point in points)
        {
            if (name < 0)
            {
                name = NameKey(point.Name);
                last = _lastStep.ReadLong(run, name) ?? -1;
            }
            _insertPoint.Execute(run, name, point.Step, epoch, cursor, double.IsNaN(point.Value) ? DBNull.Value : point.Value, point.Time.UtcTicks);
            _gathered.Anew |= point.Step <= last;
            last = point.Step;
            _gathered.Add(point.Step, point.Value);
        }
        _rollups.Write(run, name, _gathered);
    }

    private RunRow? FindRun(string runId)
    {
        using SqliteDataReader reader = _readRun.Read(runId);
        return reader.Read() ? new RunRow(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2) != 0, reader.GetInt64(3)) : null;
    }

    private long NameKey(string name)
    {
        if (_nameKeys.TryGetValue(name, out long key)) return key;
        _insertName.Execute(name);
        key = _readName.ReadLong(name)!.Value;
        return _nameKeys[name] = key;
    }

    private sealed record RunRow(long Key, long Epoch, bool Open, long Cursor);
}
