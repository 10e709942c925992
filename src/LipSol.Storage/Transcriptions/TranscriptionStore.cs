using System.Data.Common;
using System.Globalization;

namespace LipSol.Storage.Transcriptions;

/// <summary>Transcriptions in a table: the statements are the same in both databases.</summary>
internal sealed class TranscriptionStore(ITranscriptionDatabase database) : ITranscriptionStore
{
    private const string Columns = "Id, Batch, Place, State, Progress, Node, Incarnation, CreatedAt, RenewedAt, ExpiresAt, CancelAsked, Document, Owner";
    private const string There = "(ExpiresAt IS NULL OR ExpiresAt > @now)";
    private const string Insert = $"INSERT INTO Transcription ({Columns}) VALUES (@id, @batch, @place, @state, @progress, @node, @incarnation, @created, @renewed, @expires, @asked, @document, @owner) ON CONFLICT (Id) DO NOTHING";

    // Whether something that was deleted may still stand in the database's files.
    private volatile bool _remembered;

    public Task AddAsync(IReadOnlyList<StoredTranscription> transcriptions, CancellationToken cancellationToken) => database.RunAsync(async (connection, token) =>
    {
        await using DbTransaction transaction = await connection.BeginTransactionAsync(token);
        foreach (StoredTranscription one in transcriptions)
        {
            await using DbCommand insert = Command(connection, Insert, ("id", one.Id), ("batch", one.Batch), ("place", one.Place), ("state", one.State), ("progress", one.Progress), ("node", one.Node),
                ("incarnation", one.Incarnation), ("created", Milliseconds(one.CreatedAt)), ("renewed", Milliseconds(one.RenewedAt)),
                ("expires", one.ExpiresAt is { } at ? Milliseconds(at) : null), ("asked", one.EndAsked ? 1 : 0), ("document", one.Document), ("owner", one.Owner));
            insert.Transaction = transaction;
            await insert.ExecuteNonQueryAsync(token);
        }
        await transaction.CommitAsync(token);
        return true;
    }, cancellationToken);

    public Task<StoredTranscription?> FindAsync(string id, DateTimeOffset now, CancellationToken cancellationToken) => database.RunAsync(async (connection, token) =>
    {
        await using DbCommand find = Command(connection, $"SELECT {Columns} FROM Transcription WHERE Id = @id AND {There}", ("id", id), ("now", Milliseconds(now)));
        return (await ReadAsync(find, token)).FirstOrDefault();
    }, cancellationToken);

    public Task<IReadOnlyList<StoredTranscription>> ListAsync(string batch, DateTimeOffset now, CancellationToken cancellationToken) => database.RunAsync(async (connection, token) =>
    {
        await using DbCommand list = Command(connection, $"SELECT {Columns} FROM Transcription WHERE Batch = @batch AND {There} ORDER BY Place", ("batch", batch), ("now", Milliseconds(now)));
        return await ReadAsync(list, token);
    }, cancellationToken);

    public Task<IReadOnlyDictionary<string, bool>> RenewAsync(IReadOnlyCollection<string> ids, DateTimeOffset now, CancellationToken cancellationToken) => database.RunAsync(async (connection, token) =>
    {
        var underWay = new Dictionary<string, bool>(StringComparer.Ordinal);
        if (ids.Count == 0) return (IReadOnlyDictionary<string, bool>)underWay;
        (string Name, object? Value)[] named = [.. ids.Select((id, i) => (string.Create(CultureInfo.InvariantCulture, $"id{i}"), (object?)id))];
        await using DbCommand renew = Command(connection, $"UPDATE Transcription SET RenewedAt = @now WHERE Id IN ({string.Join(", ", named.Select(n => "@" + n.Name))}) AND ExpiresAt IS NULL RETURNING Id, CancelAsked",
            [("now", Milliseconds(now)), .. named]);
        await using DbDataReader reader = await renew.ExecuteReaderAsync(token);
        while (await reader.ReadAsync(token)) underWay[reader.GetString(0)] = reader.GetInt32(1) != 0;
        return underWay;
    }, cancellationToken);

    public async Task<bool> AdvanceAsync(string id, string state, double progress, DateTimeOffset now, CancellationToken cancellationToken) =>
        await ChangeAsync("UPDATE Transcription SET State = @state, Progress = @progress, RenewedAt = @now WHERE Id = @id AND ExpiresAt IS NULL", cancellationToken,
            ("id", id), ("state", state), ("progress", progress), ("now", Milliseconds(now))) > 0;

    public async Task<bool> EndAsync(string id, string state, string document, DateTimeOffset expiresAt, CancellationToken cancellationToken) =>
        await ChangeAsync("UPDATE Transcription SET State = @state, Progress = 1, Document = @document, ExpiresAt = @expires WHERE Id = @id AND ExpiresAt IS NULL", cancellationToken,
            ("id", id), ("state", state), ("document", document), ("expires", Milliseconds(expiresAt))) > 0;

    public Task AskForEndAsync(string id, CancellationToken cancellationToken) =>
        ChangeAsync("UPDATE Transcription SET CancelAsked = 1 WHERE Id = @id AND ExpiresAt IS NULL", cancellationToken, ("id", id));

    public async Task<bool> DeleteAsync(string id, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (await ChangeAsync($"DELETE FROM Transcription WHERE Id = @id AND {There}", cancellationToken, ("id", id), ("now", Milliseconds(now))) == 0) return false;
        await ForgetAsync(cancellationToken);
        return true;
    }

    public Task<int> GiveUpAsync(string document, string state, DateTimeOffset renewedBefore, DateTimeOffset expiresAt, string node, string incarnation, CancellationToken cancellationToken) =>
        ChangeAsync("""
            UPDATE Transcription SET State = @state, Document = @document, ExpiresAt = @expires
            WHERE ExpiresAt IS NULL AND (RenewedAt < @before OR (Node = @node AND Incarnation <> @incarnation))
            """, cancellationToken,
            ("document", document), ("state", state), ("expires", Milliseconds(expiresAt)), ("before", Milliseconds(renewedBefore)), ("node", node), ("incarnation", incarnation));

    public async Task<int> SweepAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        int swept = await ChangeAsync("DELETE FROM Transcription WHERE ExpiresAt <= @now", cancellationToken, ("now", Milliseconds(now)));
        if (swept > 0 || _remembered) await ForgetAsync(cancellationToken);
        return swept;
    }

    // What can't leave the files now leaves them with the next that is deleted, or the next sweep.
    private async Task ForgetAsync(CancellationToken cancellationToken)
    {
        _remembered = true;
        _remembered = !await database.ForgetAsync(cancellationToken);
    }

    private Task<int> ChangeAsync(string text, CancellationToken cancellationToken, params (string, object?)[] parameters) => database.RunAsync(async (connection, token) =>
    {
        await using DbCommand change = Command(connection, text, parameters);
        return await change.ExecuteNonQueryAsync(token);
    }, cancellationToken);

    private static async Task<IReadOnlyList<StoredTranscription>> ReadAsync(DbCommand command, CancellationToken cancellationToken)
    {
        var found = new List<StoredTranscription>();
        await using DbDataReader row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            found.Add(new StoredTranscription
            {
                Id = row.GetString(0),
                Batch = row.IsDBNull(1) ? null : row.GetString(1),
                Place = row.GetInt32(2),
                State = row.GetString(3),
                Progress = row.GetDouble(4),
                Node = row.GetString(5),
                Incarnation = row.GetString(6),
                CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(7)),
                RenewedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(8)),
                ExpiresAt = row.IsDBNull(9) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(9)),
                EndAsked = row.GetInt32(10) != 0,
                Document = row.IsDBNull(11) ? null : row.GetString(11),
                Owner = row.IsDBNull(12) ? null : row.GetString(12),
            });
        }
        return found;
    }

    private static DbCommand Command(DbConnection connection, string text, params (string Name, object? Value)[] parameters)
    {
        DbCommand command = connection.CreateCommand();
        command.CommandText = text;
        foreach ((string name, object? value) in parameters)
        {
            DbParameter parameter = command.CreateParameter();
            parameter.ParameterName = "@" + name;
            parameter.Value = value ?? DBNull.Value;
            command.Parameters.Add(parameter);
        }
        return command;
    }

    private static long Milliseconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds();
}
