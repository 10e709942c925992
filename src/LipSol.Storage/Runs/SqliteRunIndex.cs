using System.Text.Json;
using System.Text.Json.Serialization;
using LipSol.Contracts.Runs;
using LipSol.Grains.Ports;
using LipSol.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace LipSol.Storage.Runs;

/// <summary>The run index in SQLite: columns to search by, and the record as JSON.</summary>
internal sealed class SqliteRunIndex(SqliteDataSource source) : IRunIndex
{
    internal static readonly JsonSerializerOptions Json = new()
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public Task PutAsync(RunRecord record, long revision, CancellationToken cancellationToken) => Task.Run(() =>
    {
        using SqliteConnection connection = source.OpenSqliteConnection();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = """
            INSERT INTO RunIndex (RunId, Experiment, Status, CreatedAt, Revision, Record) VALUES (@run, @experiment, @status, @created, @revision, @record)
            ON CONFLICT DO UPDATE SET Experiment = excluded.Experiment, Status = excluded.Status, CreatedAt = excluded.CreatedAt, Revision = excluded.Revision, Record = excluded.Record
            WHERE excluded.Revision >= RunIndex.Revision
            """;
        command.Parameters.AddWithValue("@run", record.Id);
        command.Parameters.AddWithValue("@experiment", record.Spec.Experiment);
        command.Parameters.AddWithValue("@status", (int)record.Status);
        command.Parameters.AddWithValue("@created", record.CreatedAt.UtcTicks);
        command.Parameters.AddWithValue("@revision", revision);
        command.Parameters.AddWithValue("@record", JsonSerializer.Serialize(record, Json));
        command.ExecuteNonQuery();
    }, cancellationToken);

    public Task<List<RunRecord>> ListAsync(RunQuery query, CancellationToken cancellationToken) => Task.Run(() =>
    {
        using SqliteConnection connection = source.OpenSqliteConnection();
        using SqliteCommand command = connection.CreateCommand();
        // Only the conditions that are set are written, so that an index fits each of the searches.
        var conditions = new List<string>();
        if (query.Experiment is not null) conditions.Add("Experiment = @experiment");
        if (query.Status is not null) conditions.Add("Status = @status");
        command.CommandText = $"SELECT Record FROM RunIndex {(conditions.Count > 0 ? "WHERE " + string.Join(" AND ", conditions) : "")} ORDER BY CreatedAt DESC, RunId DESC LIMIT @take OFFSET @skip";
        command.Parameters.AddWithValue("@experiment", (object?)query.Experiment ?? DBNull.Value);
        command.Parameters.AddWithValue("@status", query.Status is { } status ? (int)status : DBNull.Value);
        command.Parameters.AddWithValue("@take", Math.Max(query.Take, 0));
        command.Parameters.AddWithValue("@skip", Math.Max(query.Skip, 0));
        var records = new List<RunRecord>();
        using SqliteDataReader reader = command.ExecuteReader();
        while (reader.Read()) records.Add(JsonSerializer.Deserialize<RunRecord>(reader.GetString(0), Json)!);
        return records;
    }, cancellationToken);

    public Task<List<ExperimentRecord>> ListExperimentsAsync(CancellationToken cancellationToken) => Task.Run(() =>
    {
        using SqliteConnection connection = source.OpenSqliteConnection();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT Experiment, count(*), min(CreatedAt) FROM RunIndex GROUP BY Experiment ORDER BY Experiment";
        var experiments = new List<ExperimentRecord>();
        using SqliteDataReader reader = command.ExecuteReader();
        while (reader.Read()) experiments.Add(new ExperimentRecord(reader.GetString(0), reader.GetInt32(1), new DateTimeOffset(reader.GetInt64(2), TimeSpan.Zero)));
        return experiments;
    }, cancellationToken);

    public Task<List<string>> ListRecordedRunsAsync(CancellationToken cancellationToken) => Task.Run(() =>
    {
        using SqliteConnection connection = source.OpenSqliteConnection();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT DISTINCT GrainIdExtensionString FROM OrleansStorage WHERE GrainTypeString = 'run' AND PayloadBinary IS NOT NULL ORDER BY 1";
        var runs = new List<string>();
        using SqliteDataReader reader = command.ExecuteReader();
        while (reader.Read()) runs.Add(reader.GetString(0));
        return runs;
    }, cancellationToken);
}
