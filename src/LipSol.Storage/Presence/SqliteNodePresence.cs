using LipSol.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace LipSol.Storage.Presence;

/// <summary>The nodes of one machine that share a SQLite file. The database's clock is the machine's.</summary>
internal sealed class SqliteNodePresence(SqliteDataSource source, bool owned = true) : INodePresence
{
    private const string Now = "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)";
    private const string Forget = $"DELETE FROM ClusterNode WHERE RenewedAt < {Now} - 86400000";
    private const string List = $"SELECT Name, Instance, Incarnation, Contract, Version, JoinedAt, {Now} - RenewedAt FROM ClusterNode";
    private const string Enter = $"""
        INSERT INTO ClusterNode (Name, Instance, Incarnation, Contract, Version, JoinedAt, RenewedAt) VALUES (@name, @instance, @incarnation, @contract, @version, {Now}, {Now})
        ON CONFLICT (Name) DO UPDATE SET Instance = excluded.Instance, Incarnation = excluded.Incarnation, Contract = excluded.Contract, Version = excluded.Version,
            JoinedAt = excluded.JoinedAt, RenewedAt = excluded.RenewedAt
        """;
    private const string Renew = $"UPDATE ClusterNode SET RenewedAt = {Now} WHERE Name = @name AND Instance = @instance AND Incarnation = @incarnation AND RenewedAt > {Now} - @expiry";
    private const string Leave = "DELETE FROM ClusterNode WHERE Name = @name AND Instance = @instance AND Incarnation = @incarnation";

    public Task JoinAsync(NodeIdentity node, CancellationToken ct) => RunAsync(connection => EnterNode(connection, node, returns: false), ct);

    public Task RenewAsync(NodeIdentity node, CancellationToken ct) => RunAsync(connection =>
    {
        using SqliteCommand renew = Command(connection, Renew, node);
        renew.Parameters.AddWithValue("@expiry", (long)PresenceRules.Expiry.TotalMilliseconds);
        if (renew.ExecuteNonQuery() == 0) EnterNode(connection, node, returns: true);
    }, ct);

    public Task LeaveAsync(NodeIdentity node, CancellationToken ct) => RunAsync(connection =>
    {
        using SqliteCommand leave = Command(connection, Leave, node);
        leave.ExecuteNonQuery();
    }, ct);

    public ValueTask DisposeAsync() => owned ? source.DisposeAsync() : ValueTask.CompletedTask;

    private static void EnterNode(SqliteConnection connection, NodeIdentity node, bool returns)
    {
        // Takes the file's write lock at once: joins happen one after the other.
        using SqliteTransaction transaction = connection.BeginTransaction(deferred: false);
        using (SqliteCommand forget = connection.CreateCommand())
        {
            forget.CommandText = Forget;
            forget.ExecuteNonQuery();
        }
        List<NodeEntry> entries = ListNodes(connection);
        if (returns) PresenceRules.CheckReturn(node, entries);
        PresenceRules.CheckJoin(node, entries);
        using (SqliteCommand enter = Command(connection, Enter, node)) enter.ExecuteNonQuery();
        transaction.Commit();
    }

    private static List<NodeEntry> ListNodes(SqliteConnection connection)
    {
        using SqliteCommand list = connection.CreateCommand();
        list.CommandText = List;
        using SqliteDataReader reader = list.ExecuteReader();
        var entries = new List<NodeEntry>();
        while (reader.Read())
        {
            entries.Add(new NodeEntry(reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetInt32(3), reader.GetString(4),
                DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(5)), TimeSpan.FromMilliseconds(reader.GetInt64(6))));
        }
        return entries;
    }

    private Task RunAsync(Action<SqliteConnection> work, CancellationToken cancellationToken) => Task.Run(() =>
    {
        using SqliteConnection connection = source.OpenSqliteConnection();
        work(connection);
    }, cancellationToken);

    private static SqliteCommand Command(SqliteConnection connection, string text, NodeIdentity node)
    {
        SqliteCommand command = connection.CreateCommand();
        command.CommandText = text;
        command.Parameters.AddWithValue("@name", node.Name);
        command.Parameters.AddWithValue("@instance", node.Instance);
        command.Parameters.AddWithValue("@incarnation", node.Incarnation);
        command.Parameters.AddWithValue("@contract", node.Contract);
        command.Parameters.AddWithValue("@version", node.Version);
        return command;
    }
}
