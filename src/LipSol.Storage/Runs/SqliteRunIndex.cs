using LipSol.Contracts.Runs;
using LipSol.Grains.Ports;
using LipSol.Grains.Runs.Search;
using LipSol.Storage.Runs.Search;
using LipSol.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace LipSol.Storage.Runs;

/// <summary>The run index in SQLite: narrow rows and tables of names to search by, and the record as JSON for the runs of a page.</summary>
internal sealed class SqliteRunIndex(SqliteDataSource source) : IRunIndex
{
    private const int BroughtUpTogether = 500;
    private static readonly SqliteSearchDialect Dialect = new();

    public Task PutAsync(RunRecord record, long revision, CancellationToken cancellationToken) =>
        WriteAsync(writer => writer.Put(record, revision), cancellationToken);

    public Task RemoveAsync(string runId, CancellationToken cancellationToken) =>
        WriteAsync(writer => writer.Remove(runId), cancellationToken);

    public Task<RunPage> SearchAsync(RunSelection selection, CancellationToken cancellationToken) => Task.Run(() =>
    {
        using SqliteConnection connection = source.OpenSqliteConnection();
        using SqliteTransaction snapshot = connection.BeginTransaction(deferred: true);
        return Search(connection, selection);
    }, cancellationToken);

    public async Task<List<RunRecord>> ListAsync(RunQuery query, CancellationToken cancellationToken) => (await SearchAsync(RunSelections.Of(query), cancellationToken)).Runs;

    public Task<List<ExperimentRecord>> ListExperimentsAsync(CancellationToken cancellationToken) => Task.Run(() =>
    {
        using SqliteConnection connection = source.OpenSqliteConnection();
        using var list = new SqliteStatement(connection, "SELECT Experiment, count(*), min(CreatedAt) FROM RunIndex WHERE DeletedAt IS NULL GROUP BY Experiment ORDER BY Experiment");
        var experiments = new List<ExperimentRecord>();
        using SqliteDataReader reader = list.Read();
        while (reader.Read()) experiments.Add(new ExperimentRecord(reader.GetString(0), reader.GetInt32(1), new DateTimeOffset(reader.GetInt64(2), TimeSpan.Zero)));
        return experiments;
    }, cancellationToken);

    public Task<List<string>> ListRecordedRunsAsync(CancellationToken cancellationToken) => Task.Run(() =>
    {
        using SqliteConnection connection = source.OpenSqliteConnection();
        using var list = new SqliteStatement(connection, "SELECT DISTINCT GrainIdExtensionString FROM OrleansStorage WHERE GrainTypeString = 'run' AND PayloadBinary IS NOT NULL ORDER BY 1");
        var runs = new List<string>();
        using SqliteDataReader reader = list.Read();
        while (reader.Read()) runs.Add(reader.GetString(0));
        return runs;
    }, cancellationToken);

    public Task<bool> IsReferredToAsync(string artifact, string exceptRun, CancellationToken cancellationToken) => Task.Run(() =>
    {
        using SqliteConnection connection = source.OpenSqliteConnection();
        using var find = new SqliteStatement(connection, "SELECT 1 FROM RunArtifact a JOIN RunIndex r ON r.RunKey = a.RunKey WHERE a.Artifact = @artifact AND r.RunId <> @run LIMIT 1", "@artifact", "@run");
        return find.ReadLong(artifact, exceptRun) is not null;
    }, cancellationToken);

    /// <summary>Writes rows of an older LipSol anew, from their records. Returns how many there were.</summary>
    public int BringUpToDate(CancellationToken cancellationToken)
    {
        int written = 0;
        using SqliteConnection connection = source.OpenSqliteConnection();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using SqliteTransaction transaction = connection.BeginTransaction(deferred: false);
            using var writer = new SqliteRunIndexWriter(connection);
            using var old = new SqliteStatement(connection, "SELECT r.Revision, d.Record FROM RunIndex r JOIN RunIndexRecord d ON d.RunKey = r.RunKey WHERE r.Shape < @shape LIMIT @take", "@shape", "@take");
            List<(long Revision, string Record)> rows = [];
            using (SqliteDataReader reader = old.Read(IndexedRun.Shape, BroughtUpTogether))
                while (reader.Read()) rows.Add((reader.GetInt64(0), reader.GetString(1)));
            foreach ((long revision, string record) in rows) writer.Put(IndexedRun.FromJson(record), revision);
            transaction.Commit();
            written += rows.Count;
            if (rows.Count < BroughtUpTogether) return written;
        }
    }

    private static RunPage Search(SqliteConnection connection, RunSelection selection)
    {
        var sql = new RunPageSql(selection, Dialect);
        List<(long Run, object[] Keys)> rows = [];
        using (SqliteCommand page = Command(connection, sql.Page(), sql))
        using (SqliteDataReader reader = page.ExecuteReader())
            while (reader.Read()) rows.Add((reader.GetInt64(0), [.. Enumerable.Range(1, sql.Keys).Select(reader.GetValue)]));
        string? next = rows.Count > selection.Take && selection.Take > 0 ? RunPageSql.Token(rows[selection.Take - 1].Keys) : null;

        var runs = new List<RunRecord>();
        using var read = new SqliteStatement(connection, "SELECT Record FROM RunIndexRecord WHERE RunKey = @key", "@key");
        foreach ((long run, _) in rows.Take(selection.Take))
        {
            using SqliteDataReader record = read.Read(run);
            record.Read();
            runs.Add(IndexedRun.FromJson(record.GetString(0)));
        }
        if (!selection.Count) return new RunPage(runs, next, null);
        using SqliteCommand count = Command(connection, sql.Count(), sql);
        return new RunPage(runs, next, (long)count.ExecuteScalar()!);
    }

    private static SqliteCommand Command(SqliteConnection connection, string text, RunPageSql sql)
    {
        SqliteCommand command = connection.CreateCommand();
        command.CommandText = text;
        foreach ((string name, object value) in sql.Parameters) command.Parameters.AddWithValue(name, value);
        return command;
    }

    private Task WriteAsync(Action<SqliteRunIndexWriter> write, CancellationToken cancellationToken) => Task.Run(() =>
    {
        using SqliteConnection connection = source.OpenSqliteConnection();
        using SqliteTransaction transaction = connection.BeginTransaction(deferred: false);
        using (var writer = new SqliteRunIndexWriter(connection)) write(writer);
        transaction.Commit();
    }, cancellationToken);
}
