namespace LipSol.Storage.Tests;

/// <summary>Who may be in the cluster, whatever database it's on. Time passes by making entries older: a test waits for nothing.</summary>
public abstract class NodePresenceTests(StorageProvider provider) : IAsyncLifetime
{
    private protected static readonly CancellationToken None = CancellationToken.None;
    private protected static readonly NodeIdentity A = new("a", "folder of a", "first", 3, "0.3.0"), B = new("b", "folder of b", "first", 3, "0.3.0");
    private protected TemporaryDatabase Database { get; private set; } = null!;
    private INodePresence _presence = null!;

    public async ValueTask InitializeAsync()
    {
        Database = await TemporaryDatabase.EmptyAsync(provider);
        await DatabaseSetup.PrepareAsync(Database.Options);
        _presence = NodePresence.Open(Database.Options);
    }

    public async ValueTask DisposeAsync()
    {
        if (_presence is not null) await _presence.DisposeAsync();
        if (Database is not null) await Database.DisposeAsync();
    }

    [Fact]
    public async Task Nodes_join_renew_and_leave()
    {
        await _presence.JoinAsync(A, None);
        await _presence.JoinAsync(B, None);
        Age("a", 10);
        await _presence.RenewAsync(A, None);
        Assert.Equal(["a|0", "b|0"], Ages());
        await _presence.LeaveAsync(A, None);
        await _presence.LeaveAsync(A, None);
        Assert.Equal(["b|0"], Ages());
    }

    [Fact]
    public async Task Another_data_folder_under_a_name_that_is_taken_is_refused_until_the_other_is_gone()
    {
        await _presence.JoinAsync(A, None);
        Age("a", 12);
        NodeIdentity namesake = A with { Instance = "another folder" };
        NodeRefusedException e = await Assert.ThrowsAsync<NodeRefusedException>(() => _presence.JoinAsync(namesake, None));
        Assert.Matches(@"as ""a"".*version 0\.3\.0, joined at 20\d\d-.* UTC, last heard of 1[2-9] s ago\. Start this one with another --name; or.*again in [1-8] s\.", e.Message);
        Assert.DoesNotContain("folder of a", e.Message);
        await _presence.RenewAsync(A, None);

        Age("a", 21);
        await _presence.JoinAsync(namesake, None);
        Assert.Equal(["a|another folder"], Database.Query("SELECT Name, Instance FROM ClusterNode"));
        e = await Assert.ThrowsAsync<NodeRefusedException>(() => _presence.RenewAsync(A, None));
        Assert.Contains("took the name \"a\"", e.Message);
        await _presence.LeaveAsync(A, None);
        Assert.Equal(["a|another folder"], Database.Query("SELECT Name, Instance FROM ClusterNode"));
    }

    [Fact]
    public async Task A_node_that_left_frees_its_name_at_once()
    {
        await _presence.JoinAsync(A, None);
        await _presence.LeaveAsync(A, None);
        await _presence.JoinAsync(A with { Instance = "another folder" }, None);
    }

    [Fact]
    public async Task The_same_data_folder_started_again_takes_its_entry_over_at_once_and_the_process_before_is_told()
    {
        await _presence.JoinAsync(A, None);
        NodeIdentity again = A with { Incarnation = "second" };
        await _presence.JoinAsync(again, None);
        NodeRefusedException e = await Assert.ThrowsAsync<NodeRefusedException>(() => _presence.RenewAsync(A, None));
        Assert.Contains("started again with this node's data folder", e.Message);
        await _presence.LeaveAsync(A, None);
        await _presence.RenewAsync(again, None);
        Assert.Equal(["a|second"], Database.Query("SELECT Name, Incarnation FROM ClusterNode"));
    }

    [Fact]
    public async Task Nodes_of_another_contract_are_refused_while_one_is_there()
    {
        await _presence.JoinAsync(B, None);
        NodeIdentity newer = A with { Contract = 4, Version = "0.4.0" };
        NodeRefusedException e = await Assert.ThrowsAsync<NodeRefusedException>(() => _presence.JoinAsync(newer, None));
        Assert.StartsWith("Node b runs contract 3 (version 0.3.0), this one 4 (version 0.4.0)", e.Message);
        Assert.Contains("upgrade node b to version 0.4.0", e.Message);

        Age("b", 21);
        await _presence.JoinAsync(newer, None);
        // Back from where it stood still: the cluster has moved on.
        e = await Assert.ThrowsAsync<NodeRefusedException>(() => _presence.RenewAsync(B, None));
        Assert.Contains("upgrade this one to version 0.4.0", e.Message);
        // Its own old entry doesn't keep a node from being upgraded.
        await _presence.JoinAsync(B with { Incarnation = "second", Contract = 4, Version = "0.4.0" }, None);
    }

    [Fact]
    public async Task A_node_that_was_away_comes_back_where_nobody_has_taken_its_place()
    {
        await _presence.JoinAsync(A, None);
        Age("a", 300);
        await _presence.RenewAsync(A, None);
        Assert.Equal(["a|0"], Ages());
        Database.Query(provider == StorageProvider.Sqlite ? "DELETE FROM ClusterNode RETURNING Name" : "DELETE FROM ClusterNode");
        await _presence.RenewAsync(A, None);
        Assert.Equal(["a|0"], Ages());
    }

    [Fact]
    public async Task Of_eight_data_folders_that_join_under_one_name_at_the_same_time_one_gets_it()
    {
        bool[] joined = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(async () =>
        {
            await using INodePresence presence = NodePresence.Open(Database.Options);
            try
            {
                await presence.JoinAsync(A with { Instance = $"folder {i}" }, None);
                return true;
            }
            catch (NodeRefusedException)
            {
                return false;
            }
        })));
        Assert.Single(joined, true);
    }

    private void Age(string name, int seconds) => Assert.Single(Database.Query(
        $"UPDATE ClusterNode SET RenewedAt = RenewedAt - {(provider == StorageProvider.Sqlite ? $"{seconds}000" : $"interval '{seconds} s'")} WHERE Name = '{name}' RETURNING Name"));

    // In whole steps of five seconds.
    private protected List<string> Ages() => Database.Query(provider == StorageProvider.Sqlite
        ? "SELECT Name, CAST((julianday('now') - 2440587.5) * 86400000 - RenewedAt AS INTEGER) / 5000 FROM ClusterNode ORDER BY Name"
        : "SELECT Name, extract(epoch FROM clock_timestamp() - RenewedAt)::integer / 5 FROM ClusterNode ORDER BY Name");
}

public sealed class SqliteNodePresenceTests() : NodePresenceTests(StorageProvider.Sqlite);

public sealed class PostgresNodePresenceTests() : NodePresenceTests(StorageProvider.PostgreSql)
{
    [Theory]
    [InlineData(+31)]
    [InlineData(-31)]
    public async Task A_clock_that_is_far_from_theDatabases_is_refused_with_both_times(int seconds)
    {
        await using INodePresence presence = NodePresence.Open(Database.Options, new ClockAhead(TimeSpan.FromSeconds(seconds)));
        NodeRefusedException e = await Assert.ThrowsAsync<NodeRefusedException>(() => presence.JoinAsync(A, None));
        Assert.Matches(@"clock says \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, the database's \d{4}-.* UTC: 3[12] s apart", e.Message);
        Assert.Empty(Ages());
        await using INodePresence near = NodePresence.Open(Database.Options, new ClockAhead(TimeSpan.FromSeconds(seconds / 4)));
        await near.JoinAsync(A, None);
    }

    [Fact]
    public async Task So_is_one_that_is_put_wrong_later()
    {
        var clock = new ClockAhead(TimeSpan.Zero);
        await using INodePresence presence = NodePresence.Open(Database.Options, clock);
        await presence.JoinAsync(A, None);
        await presence.RenewAsync(A, None);
        clock.By = TimeSpan.FromHours(1);
        Assert.Contains("clock says", (await Assert.ThrowsAsync<NodeRefusedException>(() => presence.RenewAsync(A, None))).Message);
    }

    private sealed class ClockAhead(TimeSpan by) : TimeProvider
    {
        public TimeSpan By { get; set; } = by;

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + By;
    }
}
