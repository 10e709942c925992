using LipSol.Storage.Postgres;
using Npgsql;

namespace LipSol.Storage.Presence;

/// <summary>The nodes of a cluster, in PostgreSQL. Joins happen one after the other; a renewal is one statement.</summary>
internal sealed class PostgresNodePresence(PostgresDatabase database, TimeProvider time, bool owned = true) : INodePresence
{
    // Longer than any node is away and comes back as itself.
    private const string Forget = "DELETE FROM ClusterNode WHERE RenewedAt < clock_timestamp() - interval '1 day'";
    private const string List = "SELECT Name, Instance, Incarnation, Contract, Version, JoinedAt, clock_timestamp() - RenewedAt FROM ClusterNode";
    private const string Enter = """
        INSERT INTO ClusterNode (Name, Instance, Incarnation, Contract, Version, JoinedAt, RenewedAt)
        VALUES (@name, @instance, @incarnation, @contract, @version, clock_timestamp(), clock_timestamp())
        ON CONFLICT (Name) DO UPDATE SET Instance = excluded.Instance, Incarnation = excluded.Incarnation, Contract = excluded.Contract, Version = excluded.Version,
            JoinedAt = excluded.JoinedAt, RenewedAt = excluded.RenewedAt
        """;
    private const string Renew = """
        UPDATE ClusterNode SET RenewedAt = clock_timestamp()
        WHERE Name = @name AND Instance = @instance AND Incarnation = @incarnation AND RenewedAt > clock_timestamp() - @expiry
        """;
    private const string Leave = "DELETE FROM ClusterNode WHERE Name = @name AND Instance = @instance AND Incarnation = @incarnation";

    public Task JoinAsync(NodeIdentity node, CancellationToken ct) => RunAsync(async (connection, token) =>
    {
        await CheckClockAsync(connection, token);
        return await EnterAsync(connection, node, returns: false, token);
    }, ct);

    public Task RenewAsync(NodeIdentity node, CancellationToken ct) => RunAsync(async (connection, token) =>
    {
        await CheckClockAsync(connection, token);
        await using NpgsqlCommand renew = Command(connection, Renew, node);
        renew.Parameters.AddWithValue("expiry", PresenceRules.Expiry);
        return await renew.ExecuteNonQueryAsync(token) > 0 || await EnterAsync(connection, node, returns: true, token);
    }, ct);

    public Task LeaveAsync(NodeIdentity node, CancellationToken ct) => RunAsync(async (connection, token) =>
    {
        await using NpgsqlCommand leave = Command(connection, Leave, node);
        return await leave.ExecuteNonQueryAsync(token) > 0;
    }, ct);

    public ValueTask DisposeAsync() => owned ? database.DisposeAsync() : ValueTask.CompletedTask;

    private async Task<bool> EnterAsync(NpgsqlConnection connection, NodeIdentity node, bool returns, CancellationToken cancellationToken)
    {
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var turn = new NpgsqlCommand("LOCK TABLE ClusterNode IN SHARE ROW EXCLUSIVE MODE", connection)) await turn.ExecuteNonQueryAsync(cancellationToken);
        await using (var forget = new NpgsqlCommand(Forget, connection)) await forget.ExecuteNonQueryAsync(cancellationToken);
        List<NodeEntry> entries = await ListAsync(connection, cancellationToken);
        if (returns) PresenceRules.CheckReturn(node, entries);
        PresenceRules.CheckJoin(node, entries);
        await using (NpgsqlCommand enter = Command(connection, Enter, node)) await enter.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    private async Task CheckClockAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT clock_timestamp()", connection);
        DateTimeOffset before = time.GetUtcNow();
        long asked = time.GetTimestamp();
        var there = new DateTimeOffset((DateTime)(await command.ExecuteScalarAsync(cancellationToken))!, TimeSpan.Zero);
        TimeSpan took = time.GetElapsedTime(asked);
        // Where the answer was on its way for long, as to a node that stood still, it says nothing of the clocks. The next one will.
        if (took < PresenceRules.SlowAnswer) PresenceRules.CheckClock(before + took / 2, there);
    }

    private static async Task<List<NodeEntry>> ListAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var list = new NpgsqlCommand(List, connection);
        await using NpgsqlDataReader reader = await list.ExecuteReaderAsync(cancellationToken);
        var entries = new List<NodeEntry>();
        while (await reader.ReadAsync(cancellationToken))
        {
            entries.Add(new NodeEntry(reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetInt32(3), reader.GetString(4),
                new DateTimeOffset(reader.GetDateTime(5), TimeSpan.Zero), reader.GetTimeSpan(6)));
        }
        return entries;
    }

    private Task RunAsync(Func<NpgsqlConnection, CancellationToken, Task<bool>> work, CancellationToken cancellationToken) => database.RunAsync(database.Membership, work, cancellationToken);

    private static NpgsqlCommand Command(NpgsqlConnection connection, string text, NodeIdentity node) => new(text, connection)
    {
        Parameters =
        {
            new("name", node.Name), new("instance", node.Instance), new("incarnation", node.Incarnation), new("contract", node.Contract), new("version", node.Version),
        },
    };
}
