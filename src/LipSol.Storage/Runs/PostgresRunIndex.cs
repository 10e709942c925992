using System.Text.Json;
using LipSol.Contracts.Runs;
using LipSol.Grains.Ports;
using LipSol.Storage.Postgres;
using Npgsql;

namespace LipSol.Storage.Runs;

/// <summary>The run index in PostgreSQL: columns to search by, and the record as JSON, in the form that the SQLite index has it.</summary>
internal sealed class PostgresRunIndex(PostgresDatabase database) : IRunIndex
{
    private const string Put = """
        INSERT INTO RunIndex AS i (RunId, Experiment, Status, CreatedAt, Revision, Record) VALUES (@run, @experiment, @status, @created, @revision, @record)
        ON CONFLICT (RunId) DO UPDATE SET Experiment = excluded.Experiment, Status = excluded.Status, CreatedAt = excluded.CreatedAt, Revision = excluded.Revision, Record = excluded.Record
        WHERE excluded.Revision >= i.Revision
        """;

    public Task PutAsync(RunRecord record, long revision, CancellationToken cancellationToken) => database.RunAsync(async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(Put, connection);
        command.Parameters.AddWithValue("run", record.Id);
        command.Parameters.AddWithValue("experiment", record.Spec.Experiment);
        command.Parameters.AddWithValue("status", (int)record.Status);
        command.Parameters.AddWithValue("created", record.CreatedAt.UtcTicks);
        command.Parameters.AddWithValue("revision", revision);
        command.Parameters.AddWithValue("record", JsonSerializer.Serialize(record, SqliteRunIndex.Json));
        return await command.ExecuteNonQueryAsync(token);
    }, cancellationToken);

    public Task<List<RunRecord>> ListAsync(RunQuery query, CancellationToken cancellationToken)
    {
        // Only the conditions that are set are written, so that an index fits each of the searches.
        var conditions = new List<string>();
        if (query.Experiment is not null) conditions.Add("Experiment = @experiment");
        if (query.Status is not null) conditions.Add("Status = @status");
        string text = $"SELECT Record FROM RunIndex {(conditions.Count > 0 ? "WHERE " + string.Join(" AND ", conditions) : "")} ORDER BY CreatedAt DESC, RunId DESC LIMIT @take OFFSET @skip";
        return ReadAsync(text, command =>
        {
            if (query.Experiment is { } experiment) command.Parameters.AddWithValue("experiment", experiment);
            if (query.Status is { } status) command.Parameters.AddWithValue("status", (int)status);
            command.Parameters.AddWithValue("take", Math.Max(query.Take, 0));
            command.Parameters.AddWithValue("skip", Math.Max(query.Skip, 0));
        }, reader => JsonSerializer.Deserialize<RunRecord>(reader.GetString(0), SqliteRunIndex.Json)!, cancellationToken);
    }

    public Task<List<ExperimentRecord>> ListExperimentsAsync(CancellationToken cancellationToken) =>
        ReadAsync("SELECT Experiment, count(*)::integer, min(CreatedAt) FROM RunIndex GROUP BY Experiment ORDER BY Experiment", _ => { },
            reader => new ExperimentRecord(reader.GetString(0), reader.GetInt32(1), new DateTimeOffset(reader.GetInt64(2), TimeSpan.Zero)), cancellationToken);

    public Task<List<string>> ListRecordedRunsAsync(CancellationToken cancellationToken) =>
        ReadAsync("SELECT DISTINCT GrainIdExtensionString FROM OrleansStorage WHERE GrainTypeString = 'run' AND PayloadBinary IS NOT NULL ORDER BY 1", _ => { },
            reader => reader.GetString(0), cancellationToken);

    private Task<List<T>> ReadAsync<T>(string text, Action<NpgsqlCommand> bind, Func<NpgsqlDataReader, T> row, CancellationToken cancellationToken) => database.RunAsync(async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(text, connection);
        bind(command);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(token);
        var rows = new List<T>();
        while (await reader.ReadAsync(token)) rows.Add(row(reader));
        return rows;
    }, cancellationToken);
}
