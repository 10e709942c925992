using System.Data;
using LipSol.Contracts.Runs;
using LipSol.Grains.Ports;
using LipSol.Storage.Postgres;
using Npgsql;

namespace LipSol.Storage.Metrics;

/// <summary>The reads of the metric store. Each is one transaction with one view of the data, so it sees whole batches only.</summary>
internal sealed class PostgresMetricReader(PostgresDatabase database)
{
    private const string Names = "SELECT n.NameKey, n.Name FROM MetricSeries s JOIN MetricName n USING (NameKey) WHERE s.RunKey = $1 AND ($2::text IS NULL OR n.Name = $2) ORDER BY n.Name";
    private const string OfName = "SELECT Step, Value, Time FROM MetricPoint WHERE RunKey = $1 AND NameKey = $2 ORDER BY Step LIMIT $3";
    private const string Since = """
        SELECT n.Name, p.Step, p.Value, p.Time, p.Cursor FROM MetricPoint p JOIN MetricName n USING (NameKey)
        WHERE p.RunKey = $1 AND p.Cursor > $2 ORDER BY p.Cursor, n.Name, p.Step
        """;
    private const string OfNameAfter = "SELECT Step, Value, Time FROM MetricPoint WHERE RunKey = $1 AND NameKey = $2 AND Step > $4 ORDER BY Step LIMIT $3";
    // The coarsest buckets: a few rows a metric, however many points it has.
    private const string Summary = """
        SELECT n.Name, max(b.LastStep), (array_agg(b.Last ORDER BY b.Bucket DESC))[1], coalesce(min(b.Minimum), 'NaN'), coalesce(max(b.Maximum), 'NaN')
        FROM MetricRollup b JOIN MetricName n USING (NameKey) WHERE b.RunKey = $1 AND b.Level = $2 GROUP BY n.NameKey, n.Name
        """;
    private const string Range = """
        SELECT b.NameKey, min(b.FirstStep), max(b.LastStep) FROM MetricRollup b JOIN MetricName n USING (NameKey)
        WHERE b.RunKey = $1 AND n.Name = $2 AND b.Level = $3 GROUP BY b.NameKey
        """;
    private const string Points = "SELECT Step, Value FROM MetricPoint WHERE RunKey = $1 AND NameKey = $2 AND Step BETWEEN $3 AND $4 ORDER BY Step";
    private const string Rollups = """
        SELECT FirstStep, LastStep, Points, NotNumbers, Minimum, Maximum, Last FROM MetricRollup
        WHERE RunKey = $1 AND NameKey = $2 AND Bucket BETWEEN $3 AND $4 AND Level = $5 ORDER BY Bucket
        """;

    public Task<List<MetricPoint>> ReadAsync(string runId, string? name, int take, CancellationToken cancellationToken) =>
        SnapshotAsync(runId, [], async (connection, run, token) =>
        {
            var points = new List<MetricPoint>();
            foreach ((int key, string ofName) in await NamesAsync(connection, run.Key, name, token))
            {
                if (points.Count >= take) break;
                await using NpgsqlCommand command = Command(connection, OfName, run.Key, key, (long)(take - points.Count));
                await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(token);
                while (await reader.ReadAsync(token)) points.Add(new MetricPoint(ofName, reader.GetInt64(0), reader.GetDouble(1), Time(reader.GetInt64(2))));
            }
            return points;
        }, cancellationToken);

    public Task<StoredPoints> ReadSinceAsync(string runId, long cursor, CancellationToken cancellationToken) =>
        SnapshotAsync(runId, new StoredPoints(cursor, []), async (connection, run, token) =>
        {
            if (run.Cursor <= cursor) return new StoredPoints(cursor, []);
            await using NpgsqlCommand command = Command(connection, Since, run.Key, cursor);
            await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(token);
            var batches = new List<StoredBatch>();
            List<MetricPoint> points = [];
            while (await reader.ReadAsync(token))
            {
                long batch = reader.GetInt64(4);
                if (batches.Count == 0 || batches[^1].Cursor != batch) batches.Add(new StoredBatch(batch, points = []));
                points.Add(new MetricPoint(reader.GetString(0), reader.GetInt64(1), reader.GetDouble(2), Time(reader.GetInt64(3))));
            }
            return new StoredPoints(run.Cursor, batches);
        }, cancellationToken);

    public Task<StoredSummaries> SummariseAsync(string runId, CancellationToken cancellationToken) =>
        SnapshotAsync(runId, new StoredSummaries(0, []), async (connection, run, token) =>
        {
            await using NpgsqlCommand command = Command(connection, Summary, run.Key, RollupLevels.Coarsest);
            await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(token);
            var metrics = new Dictionary<string, MetricSummary>(StringComparer.Ordinal);
            while (await reader.ReadAsync(token)) metrics[reader.GetString(0)] = new MetricSummary(reader.GetDouble(2), reader.GetInt64(1), reader.GetDouble(3), reader.GetDouble(4));
            return new StoredSummaries(run.Cursor, metrics);
        }, cancellationToken);

    public Task<List<MetricPoint>> ReadAfterAsync(string runId, string? name, string afterName, long afterStep, int take, CancellationToken cancellationToken) =>
        SnapshotAsync(runId, [], async (connection, run, token) =>
        {
            var points = new List<MetricPoint>();
            foreach ((int key, string ofName) in (await NamesAsync(connection, run.Key, name, token)).OrderBy(n => n.Name, StringComparer.Ordinal))
            {
                int order = string.CompareOrdinal(ofName, afterName);
                if (order < 0) continue;
                if (points.Count >= take) break;
                await using NpgsqlCommand command = Command(connection, OfNameAfter, run.Key, key, (long)(take - points.Count), order == 0 ? afterStep : -1L);
                await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(token);
                while (await reader.ReadAsync(token)) points.Add(new MetricPoint(ofName, reader.GetInt64(0), reader.GetDouble(1), Time(reader.GetInt64(2))));
            }
            return points;
        }, cancellationToken);

    public Task<MetricHistory> HistoryAsync(string runId, string name, long fromStep, long toStep, int buckets, CancellationToken cancellationToken) =>
        SnapshotAsync(runId, new MetricHistory(1, []), async (connection, run, token) =>
        {
            if (await FindRangeAsync(connection, run.Key, name, token) is not { } metric || Math.Max(fromStep, metric.First) > Math.Min(toStep, metric.Last)) return new MetricHistory(1, []);
            HistoryPlan plan = HistoryPlan.For(Math.Max(fromStep, metric.First), Math.Min(toStep, metric.Last), buckets);
            var gathered = new HistoryBuckets(plan);
            foreach (HistoryPart part in plan.Parts())
            {
                await using NpgsqlCommand command = part.Level < 0 ? Command(connection, Points, run.Key, metric.Name, part.First, part.Last)
                    : Command(connection, Rollups, run.Key, metric.Name, part.First, part.Last, part.Level);
                await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(token);
                while (await reader.ReadAsync(token)) gathered.Add(part.Level < 0 ? Rollup.Of(reader.GetInt64(0), reader.GetDouble(1)) : RollupOf(reader));
            }
            return gathered.ToHistory();
        }, cancellationToken);

    private static async Task<(int Name, long First, long Last)?> FindRangeAsync(NpgsqlConnection connection, long run, string name, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = Command(connection, Range, run, name, RollupLevels.Coarsest);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? (reader.GetInt32(0), reader.GetInt64(1), reader.GetInt64(2)) : null;
    }

    private static Rollup RollupOf(NpgsqlDataReader row) => new()
    {
        FirstStep = row.GetInt64(0),
        LastStep = row.GetInt64(1),
        Points = row.GetInt64(2),
        NotNumbers = row.GetInt64(3),
        Minimum = row.IsDBNull(4) ? double.NaN : row.GetDouble(4),
        Maximum = row.IsDBNull(5) ? double.NaN : row.GetDouble(5),
        Last = row.GetDouble(6),
    };

    private Task<T> SnapshotAsync<T>(string runId, T none, Func<NpgsqlConnection, (long Key, long Cursor), CancellationToken, Task<T>> read, CancellationToken cancellationToken) =>
        database.RunAsync(async (connection, token) =>
        {
            await using NpgsqlTransaction snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, token);
            T answer = await FindAsync(connection, runId, token) is { } run ? await read(connection, run, token) : none;
            await snapshot.CommitAsync(token);
            return answer;
        }, cancellationToken);

    private static async Task<(long Key, long Cursor)?> FindAsync(NpgsqlConnection connection, string runId, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = Command(connection, "SELECT RunKey, Cursor FROM MetricRun WHERE RunId = $1", runId);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? (reader.GetInt64(0), reader.GetInt64(1)) : null;
    }

    private static async Task<List<(int Key, string Name)>> NamesAsync(NpgsqlConnection connection, long run, string? name, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = Command(connection, Names, run);
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text, Value = (object?)name ?? DBNull.Value });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        var names = new List<(int, string)>();
        while (await reader.ReadAsync(cancellationToken)) names.Add((reader.GetInt32(0), reader.GetString(1)));
        return names;
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string text, params ReadOnlySpan<object> values)
    {
        var command = new NpgsqlCommand(text, connection);
        foreach (object value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }

    private static DateTimeOffset Time(long ticks) => new(ticks, TimeSpan.Zero);
}
