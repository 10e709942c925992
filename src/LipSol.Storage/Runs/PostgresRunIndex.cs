using System.Data;
using LipSol.Contracts.Runs;
using LipSol.Grains.Ports;
using LipSol.Grains.Runs.Search;
using LipSol.Storage.Postgres;
using LipSol.Storage.Runs.Search;
using Npgsql;

namespace LipSol.Storage.Runs;

/// <summary>The run index in PostgreSQL: narrow rows and tables of names to search by, and the record as JSON for the runs of a page, as the SQLite index has it.</summary>
internal sealed class PostgresRunIndex(PostgresDatabase database) : IRunIndex
{
    private const int BroughtUpTogether = 500;
    private static readonly PostgresSearchDialect Dialect = new();

    public Task PutAsync(RunRecord record, long revision, CancellationToken cancellationToken) =>
        WriteAsync((connection, token) => PostgresRunIndexWriter.PutAsync(connection, record, revision, token), cancellationToken);

    public Task RemoveAsync(string runId, CancellationToken cancellationToken) =>
        WriteAsync((connection, token) => PostgresRunIndexWriter.RemoveAsync(connection, runId, token), cancellationToken);

    public Task<RunPage> SearchAsync(RunSelection selection, CancellationToken cancellationToken) => database.RunAsync(async (connection, token) =>
    {
        await using NpgsqlTransaction snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, token);
        var sql = new RunPageSql(selection, Dialect);
        List<(long Run, object[] Keys)> rows = await ReadAsync(connection, sql.Page(), sql.Parameters, row => (row.GetInt64(0), Enumerable.Range(1, sql.Keys).Select(row.GetValue).ToArray()), token);
        string? next = rows.Count > sql.Take && sql.Take > 0 ? RunPageSql.Token(rows[sql.Take - 1].Keys) : null;
        long[] found = [.. rows.Take(sql.Take).Select(r => r.Run)];
        Dictionary<long, RunRecord> records = (await ReadAsync(connection, "SELECT RunKey, Record FROM RunIndexRecord WHERE RunKey = ANY (@runs)", [("@runs", found)],
            row => (Run: row.GetInt64(0), Record: IndexedRun.FromJson(row.GetString(1))), token)).ToDictionary(r => r.Run, r => r.Record);
        long? total = selection.Count ? (await ReadAsync(connection, sql.Count(), sql.Parameters, row => row.GetInt64(0), token))[0] : null;
        return new RunPage([.. found.Select(run => records[run])], next, total);
    }, cancellationToken);

    public async Task<List<RunRecord>> ListAsync(RunQuery query, CancellationToken cancellationToken) => (await SearchAsync(RunSelections.Of(query), cancellationToken)).Runs;

    public Task<List<ExperimentRecord>> ListExperimentsAsync(CancellationToken cancellationToken) =>
        ReadAsync("SELECT Experiment, count(*)::integer, min(CreatedAt) FROM RunIndex WHERE DeletedAt IS NULL GROUP BY Experiment ORDER BY Experiment", [],
            row => new ExperimentRecord(row.GetString(0), row.GetInt32(1), new DateTimeOffset(row.GetInt64(2), TimeSpan.Zero)), cancellationToken);

    public Task<List<string>> ListRecordedRunsAsync(CancellationToken cancellationToken) =>
        ReadAsync("SELECT DISTINCT GrainIdExtensionString FROM OrleansStorage WHERE GrainTypeString = 'run' AND PayloadBinary IS NOT NULL ORDER BY 1", [], row => row.GetString(0), cancellationToken);

    public async Task<bool> IsReferredToAsync(string artifact, string exceptRun, CancellationToken cancellationToken) =>
        (await ReadAsync("SELECT 1 FROM RunArtifact a JOIN RunIndex r USING (RunKey) WHERE a.Artifact = @artifact AND r.RunId <> @run LIMIT 1", [("@artifact", artifact), ("@run", exceptRun)], row => row.GetInt32(0), cancellationToken)).Count > 0;

    /// <summary>Writes rows of an older LipSol anew, from their records. Returns how many there were.</summary>
    public async Task<int> BringUpToDateAsync(CancellationToken cancellationToken)
    {
        int written = 0;
        while (true)
        {
            List<(long Revision, string Record)> rows = await ReadAsync("SELECT r.Revision, d.Record FROM RunIndex r JOIN RunIndexRecord d USING (RunKey) WHERE r.Shape < @shape LIMIT @take",
                [("@shape", IndexedRun.Shape), ("@take", (long)BroughtUpTogether)], row => (row.GetInt64(0), row.GetString(1)), cancellationToken);
            await WriteAsync(async (connection, token) =>
            {
                foreach ((long revision, string record) in rows) await PostgresRunIndexWriter.PutAsync(connection, IndexedRun.FromJson(record), revision, token);
            }, cancellationToken);
            written += rows.Count;
            if (rows.Count < BroughtUpTogether) return written;
        }
    }

    private Task WriteAsync(Func<NpgsqlConnection, CancellationToken, Task> write, CancellationToken cancellationToken) => database.RunAsync(async (connection, token) =>
    {
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(token);
        await write(connection, token);
        await transaction.CommitAsync(token);
        return true;
    }, cancellationToken);

    private Task<List<T>> ReadAsync<T>(string text, IReadOnlyList<(string Name, object Value)> values, Func<NpgsqlDataReader, T> row, CancellationToken cancellationToken) =>
        database.RunAsync((connection, token) => ReadAsync(connection, text, values, row, token), cancellationToken);

    private static async Task<List<T>> ReadAsync<T>(NpgsqlConnection connection, string text, IReadOnlyList<(string Name, object Value)> values, Func<NpgsqlDataReader, T> row, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(text, connection);
        foreach ((string name, object value) in values)
            command.Parameters.AddWithValue(name[1..], value is string words ? PostgresRunIndexWriter.Text(words) : value);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken)) rows.Add(row(reader));
        return rows;
    }
}
