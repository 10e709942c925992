using LipSol.Contracts.Runs;
using LipSol.Grains.Ports;
using LipSol.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace LipSol.Storage.Metrics;

/// <summary>The reads of the metric store. Each is one statement or one transaction, so it sees whole batches only.</summary>
internal sealed class MetricReader(SqliteDataSource source)
{
    public List<MetricPoint> Read(string runId, string? name, int take)
    {
        using SqliteConnection connection = source.OpenSqliteConnection();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = """
            SELECT n.Name, p.Step, p.Value, p.Time
            FROM MetricRun r JOIN MetricName n JOIN MetricPoint p ON p.RunKey = r.RunKey AND p.NameKey = n.NameKey
            WHERE r.RunId = @run AND (@name IS NULL OR n.Name = @name)
            ORDER BY n.Name, p.Step LIMIT @take
            """;
        command.Parameters.AddWithValue("@run", runId);
        command.Parameters.AddWithValue("@name", (object?)name ?? DBNull.Value);
        command.Parameters.AddWithValue("@take", Math.Max(take, 0));
        return ReadPoints(command);
    }

    public List<MetricPoint> ReadAfter(string runId, string? name, string afterName, long afterStep, int take)
    {
        using SqliteConnection connection = source.OpenSqliteConnection();
        using SqliteTransaction snapshot = connection.BeginTransaction(deferred: true);
        var points = new List<MetricPoint>();
        foreach ((long run, long key, string metric) in ReadNames(connection, runId))
        {
            int order = string.CompareOrdinal(metric, afterName);
            if (order < 0 || name is not null && metric != name) continue;
            if (points.Count >= take) break;
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "SELECT @name, Step, Value, Time FROM MetricPoint WHERE RunKey = @run AND NameKey = @key AND Step > @after ORDER BY Step LIMIT @take";
            command.Parameters.AddWithValue("@name", metric);
            command.Parameters.AddWithValue("@run", run);
            command.Parameters.AddWithValue("@key", key);
            command.Parameters.AddWithValue("@after", order == 0 ? afterStep : -1);
            command.Parameters.AddWithValue("@take", take - points.Count);
            points.AddRange(ReadPoints(command));
        }
        return points;
    }

    public StoredPoints ReadSince(string runId, long cursor)
    {
        using SqliteConnection connection = source.OpenSqliteConnection();
        using SqliteTransaction snapshot = connection.BeginTransaction(deferred: true);
        long? reached = ReadCursor(connection, runId);
        if (reached is null || reached <= cursor) return new StoredPoints(cursor, []);

        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = """
            SELECT n.Name, p.Step, p.Value, p.Time, p.Cursor
            FROM MetricRun r JOIN MetricPoint p ON p.RunKey = r.RunKey JOIN MetricName n ON n.NameKey = p.NameKey
            WHERE r.RunId = @run AND p.Cursor > @cursor
            ORDER BY p.Cursor, n.Name, p.Step
            """;
        command.Parameters.AddWithValue("@run", runId);
        command.Parameters.AddWithValue("@cursor", cursor);
        var batches = new List<StoredBatch>();
        List<MetricPoint> points = [];
        using SqliteDataReader reader = command.ExecuteReader();
        while (reader.Read())
        {
            long batch = reader.GetInt64(4);
            if (batches.Count == 0 || batches[^1].Cursor != batch) batches.Add(new StoredBatch(batch, points = []));
            points.Add(ReadPoint(reader));
        }
        return new StoredPoints(reached.Value, batches);
    }

    public StoredSummaries Summarise(string runId)
    {
        using SqliteConnection connection = source.OpenSqliteConnection();
        using SqliteTransaction snapshot = connection.BeginTransaction(deferred: true);
        long cursor = ReadCursor(connection, runId) ?? 0;
        using SqliteCommand command = connection.CreateCommand();
        // The coarsest buckets: a few rows a metric, however many points it has.
        command.CommandText = """
            SELECT n.Name, s.LastStep, s.Minimum, s.Maximum,
                (SELECT l.Last FROM MetricRollup l WHERE l.RunKey = s.RunKey AND l.NameKey = s.NameKey AND l.Level = @level AND l.Bucket = s.LastBucket)
            FROM (SELECT p.RunKey, p.NameKey, max(p.Bucket) AS LastBucket, max(p.LastStep) AS LastStep, min(p.Minimum) AS Minimum, max(p.Maximum) AS Maximum
                  FROM MetricRun r JOIN MetricRollup p ON p.RunKey = r.RunKey WHERE r.RunId = @run AND p.Level = @level GROUP BY p.RunKey, p.NameKey) s
            JOIN MetricName n ON n.NameKey = s.NameKey
            """;
        command.Parameters.AddWithValue("@run", runId);
        command.Parameters.AddWithValue("@level", RollupLevels.Coarsest);
        var metrics = new Dictionary<string, MetricSummary>(StringComparer.Ordinal);
        using SqliteDataReader reader = command.ExecuteReader();
        while (reader.Read())
            metrics[reader.GetString(0)] = new MetricSummary(ReadValue(reader, 4), reader.GetInt64(1), ReadValue(reader, 2), ReadValue(reader, 3));
        return new StoredSummaries(cursor, metrics);
    }

    // By the order of code points, as names are compared everywhere.
    private static List<(long Run, long Key, string Name)> ReadNames(SqliteConnection connection, string runId)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT DISTINCT p.RunKey, p.NameKey, n.Name FROM MetricRun r JOIN MetricRollup p ON p.RunKey = r.RunKey JOIN MetricName n ON n.NameKey = p.NameKey WHERE r.RunId = @run AND p.Level = @level";
        command.Parameters.AddWithValue("@run", runId);
        command.Parameters.AddWithValue("@level", RollupLevels.Coarsest);
        var names = new List<(long, long, string Name)>();
        using SqliteDataReader reader = command.ExecuteReader();
        while (reader.Read()) names.Add((reader.GetInt64(0), reader.GetInt64(1), reader.GetString(2)));
        names.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return names;
    }

    private static long? ReadCursor(SqliteConnection connection, string runId)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT Cursor FROM MetricRun WHERE RunId = @run";
        command.Parameters.AddWithValue("@run", runId);
        return command.ExecuteScalar() as long?;
    }

    private static List<MetricPoint> ReadPoints(SqliteCommand command)
    {
        var points = new List<MetricPoint>();
        using SqliteDataReader reader = command.ExecuteReader();
        while (reader.Read()) points.Add(ReadPoint(reader));
        return points;
    }

    private static MetricPoint ReadPoint(SqliteDataReader reader) =>
        new(reader.GetString(0), reader.GetInt64(1), ReadValue(reader, 2), new DateTimeOffset(reader.GetInt64(3), TimeSpan.Zero));

    private static double ReadValue(SqliteDataReader reader, int column) => reader.IsDBNull(column) ? double.NaN : reader.GetDouble(column);
}
