using LipSol.Contracts.Runs;
using LipSol.Grains.Runs.Checkpoints;
using LipSol.Grains.Runs.Search;
using LipSol.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace LipSol.Storage.Runs;

/// <summary>Writes records into the tables of the run index, within a transaction of the connection.</summary>
internal sealed class SqliteRunIndexWriter : IDisposable
{
    private readonly SqliteStatement _find, _insert, _update, _record, _param, _tag, _metric, _artifact, _names;
    private readonly SqliteStatement[] _statements;
    private readonly SqliteConnection _connection;

    public SqliteRunIndexWriter(SqliteConnection connection)
    {
        _connection = connection;
        string[] columns = ["@run", "@shape", "@revision", "@experiment", "@name", "@network", "@corpus", "@node", "@hash", "@seed", "@status", "@created", "@started", "@ended", "@deleted"];
        _find = new(connection, "SELECT RunKey, Revision, Shape FROM RunIndex WHERE RunId = @run", "@run");
        _insert = new(connection, $"""
            INSERT INTO RunIndex (RunId, Shape, Revision, Experiment, Name, Network, Corpus, Node, DataHash, Seed, Status, CreatedAt, StartedAt, EndedAt, DeletedAt)
            VALUES ({string.Join(", ", columns)}) RETURNING RunKey
            """, columns);
        _update = new(connection, """
            UPDATE RunIndex SET Shape = @shape, Revision = @revision, Experiment = @experiment, Name = @name, Network = @network, Corpus = @corpus, Node = @node, DataHash = @hash,
                Seed = @seed, Status = @status, CreatedAt = @created, StartedAt = @started, EndedAt = @ended, DeletedAt = @deleted WHERE RunId = @run
            """, columns);
        _record = new(connection, "INSERT INTO RunIndexRecord (RunKey, Record) VALUES (@key, @record) ON CONFLICT DO UPDATE SET Record = excluded.Record", "@key", "@record");
        _param = new(connection, "INSERT INTO RunParam (Name, RunKey, Text, Number) VALUES (@name, @key, @text, @number) ON CONFLICT DO UPDATE SET Text = excluded.Text, Number = excluded.Number", "@name", "@key", "@text", "@number");
        _tag = new(connection, """
            INSERT INTO RunTag (Name, RunKey, Text, Number) VALUES (@name, @key, @text, @number)
            ON CONFLICT DO UPDATE SET Text = excluded.Text, Number = excluded.Number WHERE excluded.Text <> RunTag.Text
            """, "@name", "@key", "@text", "@number");
        _metric = new(connection, """
            INSERT INTO RunMetric (Name, RunKey, Last, Minimum, Maximum) VALUES (@name, @key, @last, @minimum, @maximum)
            ON CONFLICT DO UPDATE SET Last = excluded.Last, Minimum = excluded.Minimum, Maximum = excluded.Maximum
            """, "@name", "@key", "@last", "@minimum", "@maximum");
        _artifact = new(connection, "INSERT INTO RunArtifact (Artifact, RunKey) VALUES (@artifact, @key) ON CONFLICT DO NOTHING", "@artifact", "@key");
        _names = new(connection, """
            SELECT 'RunTag', Name FROM RunTag WHERE RunKey = @key UNION ALL SELECT 'RunMetric', Name FROM RunMetric WHERE RunKey = @key
            UNION ALL SELECT 'RunArtifact', Artifact FROM RunArtifact WHERE RunKey = @key
            """, "@key");
        _statements = [_find, _insert, _update, _record, _param, _tag, _metric, _artifact, _names];
    }

    /// <summary>Writes a record, unless one of a higher revision is there. Of the same revision: the later one counts.</summary>
    public void Put(RunRecord record, long revision)
    {
        (long key, bool anew) = (0, true);
        using (SqliteDataReader found = _find.Read(record.Id))
        {
            if (found.Read())
            {
                if (found.GetInt64(1) > revision) return;
                (key, anew) = (found.GetInt64(0), found.GetInt64(2) != IndexedRun.Shape);
            }
        }
        RunSpec spec = record.Spec;
        object[] row =
        [
            record.Id, IndexedRun.Shape, revision, spec.Experiment, spec.Name, spec.Network, spec.Corpus, (object?)record.Node ?? DBNull.Value, spec.DataHash, spec.Seed, (long)record.Status,
            record.CreatedAt.UtcTicks, Ticks(record.StartedAt), Ticks(record.EndedAt), Ticks(record.DeletedAt),
        ];
        if (key == 0) key = _insert.ReadLong(row)!.Value;
        else _update.Execute(row);
        _record.Execute(key, IndexedRun.ToJson(record));

        // Parameters never change once written.
        if (anew) foreach ((string name, string value) in spec.Parameters) _param.Execute(name, key, value, (object?)ParamNumbers.Find(value) ?? DBNull.Value);
        Dictionary<string, string> tags = IndexedRun.Tags(record);
        HashSet<string> artifacts = RunArtifacts.Of(record);
        foreach ((string name, string value) in tags) _tag.Execute(name, key, value, (object?)ParamNumbers.Find(value) ?? DBNull.Value);
        foreach ((string name, MetricSummary metric) in record.Metrics) _metric.Execute(name, key, Number(metric.Last), Number(metric.Minimum), Number(metric.Maximum));
        foreach (string artifact in artifacts) _artifact.Execute(artifact, key);
        if (!anew) RemoveWhatIsGone(key, table => table switch { "RunTag" => tags.ContainsKey, "RunMetric" => record.Metrics.ContainsKey, _ => artifacts.Contains });
    }

    /// <summary>Takes a run out of the index. Repeatable.</summary>
    public void Remove(string runId)
    {
        if (_find.ReadLong(runId) is not { } key) return;
        foreach (string table in (ReadOnlySpan<string>)["RunParam", "RunTag", "RunMetric", "RunArtifact", "RunIndexRecord", "RunIndex"])
        {
            using var remove = new SqliteStatement(_connection, $"DELETE FROM {table} WHERE RunKey = @key", "@key");
            remove.Execute(key);
        }
    }

    public void Dispose()
    {
        foreach (SqliteStatement statement in _statements) statement.Dispose();
    }

    private void RemoveWhatIsGone(long key, Func<string, Func<string, bool>> has)
    {
        List<(string Table, string Name)> gone = [];
        using (SqliteDataReader names = _names.Read(key))
            while (names.Read())
                if (!has(names.GetString(0))(names.GetString(1))) gone.Add((names.GetString(0), names.GetString(1)));
        foreach ((string table, string name) in gone)
        {
            using var remove = new SqliteStatement(_connection, $"DELETE FROM {table} WHERE {(table == "RunArtifact" ? "Artifact" : "Name")} = @name AND RunKey = @key", "@name", "@key");
            remove.Execute(name, key);
        }
    }

    private static object Ticks(DateTimeOffset? time) => time is { } known ? known.UtcTicks : DBNull.Value;

    private static object Number(double value) => double.IsNaN(value) ? DBNull.Value : value;
}
