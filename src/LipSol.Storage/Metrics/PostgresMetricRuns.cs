using Npgsql;
using NpgsqlTypes;

namespace LipSol.Storage.Metrics;

/// <summary>A group's reads and writes, on the connection whose transaction it is.</summary>
internal sealed class PostgresMetricRuns(NpgsqlConnection connection)
{
    // Fewer points than this are sent along with the group's other rows: a COPY takes round trips of its own.
    private const int WorthACopy = 200;

    /// <summary>Locks the rows of the group's runs, makes those of runs that begin, and reads what the writes depend on. One round trip.</summary>
    public async Task<Dictionary<string, LockedRun>> LockAsync(IReadOnlyCollection<MetricWrite> group)
    {
        BeginEpoch[] begun = [.. group.OfType<BeginEpoch>().DistinctBy(b => b.RunId).OrderBy(b => b.RunId, StringComparer.Ordinal)];
        Append[] appends = [.. group.OfType<Append>()];
        await using NpgsqlBatch batch = connection.CreateBatch();
        // In the order of the ids everywhere: no two nodes hold what the other waits for.
        Add(batch, "INSERT INTO MetricRun (RunId, Epoch, Open, Cursor) SELECT run, epoch, true, 0 FROM unnest($1::text[], $2::bigint[]) AS b (run, epoch) ORDER BY run COLLATE \"C\" ON CONFLICT (RunId) DO NOTHING RETURNING RunId",
            begun.Select(b => b.RunId).ToArray(), begun.Select(b => b.Epoch).ToArray());
        Add(batch, "SELECT RunId, RunKey, Epoch, Open, Cursor FROM MetricRun WHERE RunId = ANY ($1) ORDER BY RunId FOR NO KEY UPDATE", (object)group.Select(w => w.RunId).Distinct().ToArray());
        // From here on each statement sees what was committed before the locks were there.
        Add(batch, "SELECT r.RunId, b.Epoch, b.Batch FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS a (run, epoch, batch) JOIN MetricRun r ON r.RunId = a.run JOIN MetricBatch b ON b.RunKey = r.RunKey AND b.Epoch = a.epoch AND b.Batch = a.batch",
            appends.Select(a => a.RunId).ToArray(), appends.Select(a => a.Epoch).ToArray(), appends.Select(a => a.Batch).ToArray());
        Add(batch, "SELECT r.RunId, s.NameKey, s.LastStep FROM MetricRun r JOIN MetricSeries s ON s.RunKey = r.RunKey WHERE r.RunId = ANY ($1)", (object)appends.Select(a => a.RunId).Distinct().ToArray());

        var runs = new Dictionary<string, LockedRun>(StringComparer.Ordinal);
        var made = new HashSet<string>(StringComparer.Ordinal);
        await using NpgsqlDataReader reader = await batch.ExecuteReaderAsync();
        while (await reader.ReadAsync()) made.Add(reader.GetString(0));
        await reader.NextResultAsync();
        while (await reader.ReadAsync())
        {
            string run = reader.GetString(0);
            runs.Add(run, new LockedRun { Key = reader.GetInt64(1), Exists = !made.Contains(run), Epoch = reader.GetInt64(2), Open = reader.GetBoolean(3), Cursor = reader.GetInt64(4) });
        }
        await reader.NextResultAsync();
        while (await reader.ReadAsync()) runs[reader.GetString(0)].Batches.Add((reader.GetInt64(1), reader.GetInt64(2)));
        await reader.NextResultAsync();
        while (await reader.ReadAsync()) runs[reader.GetString(0)].LastSteps.Add(reader.GetInt32(1), reader.GetInt64(2));
        return runs;
    }

    /// <summary>Writes what has changed.</summary>
    public async Task WriteAsync(MetricChanges changes)
    {
        bool copies = changes.Fresh.Count >= WorthACopy;
        if (copies) await CopyAsync(changes.Fresh);
        await using NpgsqlBatch batch = connection.CreateBatch();
        LockedRun[] runs = [.. changes.Changed];
        Add(batch, "UPDATE MetricRun r SET Epoch = c.epoch, Open = c.open, Cursor = c.cursor FROM unnest($1::bigint[], $2::bigint[], $3::boolean[], $4::bigint[]) AS c (run, epoch, open, cursor) WHERE r.RunKey = c.run",
            runs.Select(r => r.Key).ToArray(), runs.Select(r => r.Epoch).ToArray(), runs.Select(r => r.Open).ToArray(), runs.Select(r => r.Cursor).ToArray());
        if (changes.Batches.Count > 0)
        {
            Add(batch, "INSERT INTO MetricBatch (RunKey, Epoch, Batch, Cursor) SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[])",
                changes.Batches.Select(b => b.Run.Key).ToArray(), changes.Batches.Select(b => b.Epoch).ToArray(), changes.Batches.Select(b => b.Batch).ToArray(), changes.Batches.Select(b => b.Cursor).ToArray());
        }
        if (changes.Moved.Count > 0)
        {
            Add(batch, "INSERT INTO MetricSeries (RunKey, NameKey, LastStep) SELECT * FROM unnest($1::bigint[], $2::integer[], $3::bigint[]) ON CONFLICT (RunKey, NameKey) DO UPDATE SET LastStep = excluded.LastStep",
                changes.Moved.Select(m => m.Run.Key).ToArray(), changes.Moved.Select(m => m.NameKey).ToArray(), changes.Moved.Select(m => m.Run.LastSteps[m.NameKey]).ToArray());
        }
        if (!copies && changes.Fresh.Count > 0) Add(batch, "INSERT INTO MetricPoint (RunKey, NameKey, Step, Epoch, Cursor, Value, Time) " + Rows, changes.Fresh);
        if (changes.Replacing.Count > 0)
        {
            Add(batch, $"""
                INSERT INTO MetricPoint AS p (RunKey, NameKey, Step, Epoch, Cursor, Value, Time) {Rows}
                ON CONFLICT (RunKey, NameKey, Step) DO UPDATE SET Epoch = excluded.Epoch, Cursor = excluded.Cursor, Value = excluded.Value, Time = excluded.Time
                WHERE excluded.Epoch >= p.Epoch
                """, changes.Replacing);
        }
        PostgresRollups.Write(changes.Rollups, (text, values) => Add(batch, text, values));
        await batch.ExecuteNonQueryAsync();
    }

    private const string Rows = "SELECT * FROM unnest($1::bigint[], $2::integer[], $3::bigint[], $4::bigint[], $5::bigint[], $6::double precision[], $7::bigint[])";

    private async Task CopyAsync(List<PointRow> points)
    {
        await using NpgsqlBinaryImporter import = await connection.BeginBinaryImportAsync("COPY MetricPoint (RunKey, NameKey, Step, Epoch, Cursor, Value, Time) FROM STDIN (FORMAT BINARY)");
        foreach (PointRow point in points)
        {
            await import.StartRowAsync();
            await import.WriteAsync(point.RunKey, NpgsqlDbType.Bigint);
            await import.WriteAsync(point.NameKey, NpgsqlDbType.Integer);
            await import.WriteAsync(point.Step, NpgsqlDbType.Bigint);
            await import.WriteAsync(point.Epoch, NpgsqlDbType.Bigint);
            await import.WriteAsync(point.Cursor, NpgsqlDbType.Bigint);
            await import.WriteAsync(point.Value, NpgsqlDbType.Double);
            await import.WriteAsync(point.Time, NpgsqlDbType.Bigint);
        }
        await import.CompleteAsync();
    }

    private static void Add(NpgsqlBatch batch, string text, List<PointRow> points) => Add(batch, text,
        points.ConvertAll(p => p.RunKey), points.ConvertAll(p => p.NameKey), points.ConvertAll(p => p.Step), points.ConvertAll(p => p.Epoch),
        points.ConvertAll(p => p.Cursor), points.ConvertAll(p => p.Value), points.ConvertAll(p => p.Time));

    private static void Add(NpgsqlBatch batch, string text, params ReadOnlySpan<object> values)
    {
        var command = new NpgsqlBatchCommand(text);
        foreach (object value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        batch.BatchCommands.Add(command);
    }
}
