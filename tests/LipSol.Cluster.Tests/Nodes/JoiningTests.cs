using LipSol.Contracts;
using LipSol.Storage;

namespace LipSol.Cluster.Tests.Nodes;

/// <summary>Who isn't let into a cluster, and that those who are in it don't notice.</summary>
public sealed class JoiningTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory, InlineData(DatabaseKind.Sqlite), InlineData(DatabaseKind.Postgres)]
    public async Task A_second_node_of_a_name_is_told_to_take_another_and_the_first_goes_on(DatabaseKind kind)
    {
        await using var cluster = await NodeCluster.CreateAsync(kind);
        var first = await cluster.StartAsync("gpu-1");
        var (status, said) = await cluster.RefuseAsync("gpu-1", dataFolder: "another");

        Assert.Equal(2, status);
        said = Words(said);
        Assert.StartsWith("lipsol: Another node is in the cluster as \"gpu-1\", with a data folder of its own", said);
        Assert.Contains("Start this one with another --name", said);
        var run = await TrainingRun.StartAsync(first.Client, epochs: 1);
        Assert.Equal("gpu-1", (await run.WaitForAsync(first, Client.RunStatus.Completed, Patience)).Node);
    }

    [Theory, InlineData(DatabaseKind.Sqlite), InlineData(DatabaseKind.Postgres)]
    public async Task A_node_of_another_contract_is_refused_with_both_versions_and_what_to_do(DatabaseKind kind)
    {
        await using var cluster = await NodeCluster.CreateAsync(kind);
        var options = StorageOptions.Parse(cluster.Database.Join);
        await DatabaseSetup.PrepareAsync(options);
        await using var presence = NodePresence.Open(options);
        var newer = new NodeIdentity("gpu-2", Guid.NewGuid().ToString("N"), Guid.NewGuid().ToString("N"), ContractVersion.Current + 1, "99.1.0");
        await presence.JoinAsync(newer, CancellationToken.None);

        var refusal = cluster.RefuseAsync("gpu-1", dataFolder: "gpu-1");
        while (!refusal.IsCompleted)
        {
            await presence.RenewAsync(newer, CancellationToken.None);
            await Task.WhenAny(refusal, Task.Delay(TimeSpan.FromSeconds(4)));
        }
        var (status, said) = await refusal;
        Assert.Equal(2, status);
        said = Words(said);
        Assert.StartsWith($"lipsol: Node gpu-2 runs contract {ContractVersion.Current + 1} (version 99.1.0), this one {ContractVersion.Current} (version ", said);
        Assert.EndsWith("upgrade this one to version 99.1.0.", said);

        await presence.LeaveAsync(newer, CancellationToken.None);
        await cluster.StartAsync("gpu-1");
    }

    [Theory, InlineData(DatabaseKind.Sqlite), InlineData(DatabaseKind.Postgres)]
    public async Task A_database_of_a_newer_version_is_left_alone(DatabaseKind kind)
    {
        await using var cluster = await NodeCluster.CreateAsync(kind);
        await DatabaseSetup.PrepareAsync(StorageOptions.Parse(cluster.Database.Join));
        var script = (string)(await cluster.Database.QueryAsync("SELECT ScriptName FROM SchemaVersions ORDER BY ScriptName DESC"))[0][0]!;
        var ofTheFuture = script[..(script.LastIndexOf("Migrations.", StringComparison.Ordinal) + "Migrations.".Length)] + "0999-telepathy.sql";
        await cluster.Database.QueryAsync($"INSERT INTO SchemaVersions (ScriptName, Applied) VALUES ('{ofTheFuture}', '2030-01-01')");

        var (status, said) = await cluster.RefuseAsync("gpu-1", dataFolder: "gpu-1");
        Assert.Equal(2, status);
        said = Words(said);
        Assert.Contains("was made by a newer version of LipSol than this one", said);
        Assert.Contains("(0999-telepathy.sql). Start that version, or take a backup from before it was started.", said);
        Assert.Empty(await cluster.Database.QueryAsync("SELECT Name FROM ClusterNode"));
    }

    [Theory, InlineData(DatabaseKind.Sqlite), InlineData(DatabaseKind.Postgres)]
    public async Task Nodes_that_start_at_once_on_an_empty_database_and_folder_share_what_one_of_them_made(DatabaseKind kind)
    {
        await using var cluster = await NodeCluster.CreateAsync(kind);
        var nodes = await Task.WhenAll(new[] { "a", "b", "c" }.Select(name => cluster.StartAsync(name)));
        Assert.Single(nodes.Select(n => n.Token).Distinct());
        foreach (var node in nodes) await NodeCluster.WaitAsync(node, "three slots", Patience, status => status.Slots.Count == 3);
    }

    [Fact]
    public async Task The_dashboard_of_each_node_asks_for_the_token()
    {
        await using var cluster = await NodeCluster.CreateAsync(DatabaseKind.Sqlite);
        using var http = new HttpClient();
        foreach (var name in new[] { "a", "b" })
        {
            var node = await cluster.StartAsync(name);
            foreach (var page in new[] { "dashboard/", "dashboard/DashboardCounters" })
            {
                using var stranger = await http.GetAsync(new Uri(node.Url, page));
                Assert.Equal(System.Net.HttpStatusCode.Unauthorized, stranger.StatusCode);
                using var request = node.Request(HttpMethod.Get, page);
                using var answer = await http.SendAsync(request);
                Assert.Equal(System.Net.HttpStatusCode.OK, answer.StatusCode);
                if (page == "dashboard/DashboardCounters") Assert.Contains(name, await answer.Content.ReadAsStringAsync());
            }
        }
    }

    // Without the warning that the test's server doesn't sync.
    private static string Words(string said) => Assert.Single(said.Split('\n'), line => !line.StartsWith("warn: LipSol.Storage.Postgres.PostgresMigrations", StringComparison.Ordinal));
}
