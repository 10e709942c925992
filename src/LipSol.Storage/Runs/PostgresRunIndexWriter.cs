using System.Text;
using LipSol.Contracts.Runs;
using LipSol.Grains.Runs.Checkpoints;
using LipSol.Grains.Runs.Search;
using Npgsql;
using NpgsqlTypes;

namespace LipSol.Storage.Runs;

/// <summary>Writes records into the tables of the run index, within a transaction of the connection.</summary>
internal static class PostgresRunIndexWriter
{
    private static readonly string[] Tables = ["RunParam", "RunTag", "RunMetric", "RunArtifact", "RunIndexRecord", "RunIndex"];

    // Rows of an older form are written anew whatever their revision; else the later of the same revision counts.
    private const string Row = """
        INSERT INTO RunIndex AS r (RunId, Shape, Revision, Experiment, Name, Network, Corpus, Node, DataHash, Seed, Status, CreatedAt, StartedAt, EndedAt, DeletedAt)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
        ON CONFLICT (RunId) DO UPDATE SET Shape = excluded.Shape, Revision = excluded.Revision, Experiment = excluded.Experiment, Name = excluded.Name, Network = excluded.Network,
            Corpus = excluded.Corpus, Node = excluded.Node, DataHash = excluded.DataHash, Seed = excluded.Seed, Status = excluded.Status, CreatedAt = excluded.CreatedAt,
            StartedAt = excluded.StartedAt, EndedAt = excluded.EndedAt, DeletedAt = excluded.DeletedAt
        WHERE excluded.Revision >= r.Revision
        RETURNING RunKey
        """;
    private const string Texts = """
        INSERT INTO {0} AS t (Name, RunKey, Text, Number) SELECT name, $1, text, nullif(number, 'NaN') FROM unnest($2::text[], $3::text[], $4::double precision[]) AS n (name, text, number)
        ON CONFLICT (Name, RunKey) DO UPDATE SET Text = excluded.Text, Number = excluded.Number WHERE t.Text <> excluded.Text
        """;
    private const string Metrics = """
        INSERT INTO RunMetric AS t (Name, RunKey, Last, Minimum, Maximum)
        SELECT name, $1, nullif(last, 'NaN'), nullif(minimum, 'NaN'), nullif(maximum, 'NaN') FROM unnest($2::text[], $3::double precision[], $4::double precision[], $5::double precision[]) AS n (name, last, minimum, maximum)
        ON CONFLICT (Name, RunKey) DO UPDATE SET Last = excluded.Last, Minimum = excluded.Minimum, Maximum = excluded.Maximum
        WHERE (t.Last, t.Minimum, t.Maximum) IS DISTINCT FROM (excluded.Last, excluded.Minimum, excluded.Maximum)
        """;

    /// <summary>Writes a record, unless one of a higher revision is there.</summary>
    public static async Task PutAsync(NpgsqlConnection connection, RunRecord record, long revision, CancellationToken cancellationToken)
    {
        RunSpec spec = record.Spec;
        await using var row = new NpgsqlCommand(Row, connection);
        foreach (object value in (object[])[Text(record.Id), IndexedRun.Shape, revision, Text(spec.Experiment), Text(spec.Name), Text(spec.Network), Text(spec.Corpus)]) row.Parameters.Add(new NpgsqlParameter { Value = value });
        row.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Text, Value = record.Node is null ? DBNull.Value : Text(record.Node) });
        foreach (object value in (object[])[Text(spec.DataHash), spec.Seed, (long)record.Status, record.CreatedAt.UtcTicks]) row.Parameters.Add(new NpgsqlParameter { Value = value });
        foreach (DateTimeOffset? time in (DateTimeOffset?[])[record.StartedAt, record.EndedAt, record.DeletedAt])
            row.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Bigint, Value = time is { } known ? known.UtcTicks : DBNull.Value });
        if (await row.ExecuteScalarAsync(cancellationToken) is not long key) return;

        await using NpgsqlBatch batch = connection.CreateBatch();
        Dictionary<string, string> tags = IndexedRun.Tags(record);
        string[] artifacts = [.. RunArtifacts.Of(record).Select(Text)];
        Add(batch, "INSERT INTO RunIndexRecord (RunKey, Record) VALUES ($1, $2) ON CONFLICT (RunKey) DO UPDATE SET Record = excluded.Record", key, IndexedRun.ToJson(record));
        Add(batch, string.Format(null, Texts, "RunParam"), [key, .. Columns(spec.Parameters)]);
        Add(batch, string.Format(null, Texts, "RunTag"), [key, .. Columns(tags)]);
        MetricSummary[] metrics = [.. record.Metrics.Values];
        string[] names = [.. record.Metrics.Keys.Select(Text)];
        Add(batch, Metrics, key, names, Array.ConvertAll(metrics, m => m.Last), Array.ConvertAll(metrics, m => m.Minimum), Array.ConvertAll(metrics, m => m.Maximum));
        Add(batch, "INSERT INTO RunArtifact (Artifact, RunKey) SELECT artifact, $1 FROM unnest($2::text[]) AS a (artifact) ON CONFLICT (Artifact, RunKey) DO NOTHING", key, artifacts);
        // What isn't there any more. Parameters never change once written.
        Add(batch, "DELETE FROM RunTag WHERE RunKey = $1 AND Name <> ALL ($2)", key, tags.Keys.Select(Text).ToArray());
        Add(batch, "DELETE FROM RunMetric WHERE RunKey = $1 AND Name <> ALL ($2)", key, names);
        Add(batch, "DELETE FROM RunArtifact WHERE RunKey = $1 AND Artifact <> ALL ($2)", key, artifacts);
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Takes a run out of the index. Repeatable.</summary>
    public static async Task RemoveAsync(NpgsqlConnection connection, string runId, CancellationToken cancellationToken)
    {
        await using NpgsqlBatch batch = connection.CreateBatch();
        foreach (string table in Tables) Add(batch, $"DELETE FROM {table} WHERE RunKey = (SELECT RunKey FROM RunIndex WHERE RunId = $1)", Text(runId));
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>A text as PostgreSQL can hold it: without the character of code 0, and without halves of surrogate pairs.</summary>
    public static string Text(string text) => text.Contains('\0') || text.Any(char.IsSurrogate) ? Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.Replace('\0', '\uFFFD'))) : text;

    // Names that become the same text are told once.
    private static object[] Columns(IReadOnlyDictionary<string, string> texts)
    {
        var named = texts.DistinctBy(t => Text(t.Key)).ToArray();
        return [Array.ConvertAll(named, t => Text(t.Key)), Array.ConvertAll(named, t => Text(t.Value)), Array.ConvertAll(named, t => ParamNumbers.Find(t.Value) ?? double.NaN)];
    }

    private static void Add(NpgsqlBatch batch, string text, params ReadOnlySpan<object> values)
    {
        var command = new NpgsqlBatchCommand(text);
        foreach (object value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        batch.BatchCommands.Add(command);
    }
}
