using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Storage;

namespace LipSol.Storage.Tests;

/// <summary>A real silo whose membership, reminders and grain state lie in the database.</summary>
public abstract class OrleansTablesTests(StorageProvider provider) : IAsyncLifetime
{
    private TemporaryDatabase _database = null!;
    private IHost _silo = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await TemporaryDatabase.EmptyAsync(provider);
        _silo = await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_silo is not null)
        {
            await _silo.StopAsync();
            _silo.Dispose();
        }
        if (_database is not null) await _database.DisposeAsync();
    }

    [Fact]
    public async Task A_silo_joins_through_the_database_and_is_followed_by_the_next_one_of_its_name()
    {
        var membership = _silo.Services.GetRequiredService<IMembershipTable>();
        MembershipTableData table = await membership.ReadAllAsync();
        Assert.Equal(SiloStatus.Active, Assert.Single(table.Members).Item1.Status);
        await _silo.StopAsync();
        _silo.Dispose();

        _silo = await StartAsync();
        table = await _silo.Services.GetRequiredService<IMembershipTable>().ReadAllAsync();
        Assert.Equal([SiloStatus.Active, SiloStatus.Dead], table.Members.Select(m => m.Item1.Status).Order());
        Assert.All(table.Members, m => Assert.Equal("node", m.Item1.SiloName));
    }

    [Fact]
    public async Task A_change_of_membership_under_an_old_version_is_refused_whole()
    {
        var membership = _silo.Services.GetRequiredService<IMembershipTable>();
        MembershipTableData before = await membership.ReadAllAsync();
        (MembershipEntry entry, string etag) = before.Members[0];
        var next = new TableVersion(before.Version.Version + 1, before.Version.VersionEtag);
        MembershipEntry dead = entry.WithStatus(SiloStatus.ShuttingDown);
        Assert.True(await membership.UpdateRowAsync(dead, etag, next));
        Assert.False(await membership.UpdateRowAsync(entry.WithStatus(SiloStatus.Dead), etag, next));
        Assert.False(await membership.InsertRowAsync(new MembershipEntry
        {
            SiloAddress = SiloAddress.New(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 1), 1),
            SiloName = "late",
            HostName = "h",
            StartTime = DateTime.UtcNow,
            IAmAliveTime = DateTime.UtcNow,
            Status = SiloStatus.Joining,
        }, next));
        MembershipTableData after = await membership.ReadAllAsync();
        Assert.Equal(before.Version.Version + 1, after.Version.Version);
        Assert.Equal(SiloStatus.ShuttingDown, Assert.Single(after.Members).Item1.Status);
        if (provider == StorageProvider.Sqlite) Assert.Empty(_database.Query("SELECT * FROM OrleansMembershipChange"));
    }

    [Fact]
    public async Task Two_writers_of_one_grain_state_do_not_both_succeed()
    {
        var storage = _silo.Services.GetRequiredKeyedService<IGrainStorage>("Default");
        GrainId grain = GrainId.Create("test", "کلید");
        GrainState<List<string>> first = new(), second = new();
        await storage.ReadStateAsync("state", grain, first);
        await storage.ReadStateAsync("state", grain, second);
        first.State = ["one"];
        second.State = ["two"];
        await storage.WriteStateAsync("state", grain, first);
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync("state", grain, second));
        await storage.ReadStateAsync("state", grain, second);
        Assert.Equal(["one"], second.State);
        second.State = ["two"];
        await storage.WriteStateAsync("state", grain, second);
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync("state", grain, first));
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.ClearStateAsync("state", grain, first));

        await storage.ClearStateAsync("state", grain, second);
        Assert.False(second.RecordExists);
        GrainState<List<string>> third = new();
        await storage.ReadStateAsync("state", grain, third);
        Assert.Empty(third.State!);
        third.State = ["three"];
        await storage.WriteStateAsync("state", grain, third);
        await storage.ReadStateAsync("state", grain, first);
        Assert.Equal(["three"], first.State);
    }

    [Fact]
    public async Task Reminders_are_kept_found_by_range_and_removed()
    {
        var reminders = _silo.Services.GetRequiredService<Orleans.IReminderTable>();
        DateTime start = new(2026, 11, 24, 3, 4, 5, 678, DateTimeKind.Utc);
        for (int i = 0; i < 50; i++)
            await reminders.UpsertRow(new Orleans.ReminderEntry { GrainId = GrainId.Create("test", $"{i}"), ReminderName = "r", StartAt = start, Period = TimeSpan.FromDays(40) });
        GrainId grain = GrainId.Create("test", "7");
        Orleans.ReminderEntry entry = (await reminders.ReadRow(grain, "r"))!;
        Assert.Equal((start, TimeSpan.FromDays(40)), (entry.StartAt, entry.Period));
        string etag = (await reminders.UpsertRow(entry))!;
        Assert.NotEqual(entry.ETag!, etag);
        Assert.False(await reminders.RemoveRow(grain, "r", entry.ETag!));
        foreach (uint cut in new[] { 0x10000000u, 0x7fffffffu, 0x80000000u, 0xf0000000u })
        {
            int above = (await reminders.ReadRows(cut, 5)).Reminders.Count, below = (await reminders.ReadRows(5, cut)).Reminders.Count;
            Assert.Equal(50, above + below);
        }
        Assert.True(await reminders.RemoveRow(grain, "r", etag));
        Assert.Null(await reminders.ReadRow(grain, "r"));
        Assert.Empty((await reminders.ReadRows(grain)).Reminders);
    }

    private async Task<IHost> StartAsync()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseOrleans(silo =>
        {
            silo.Configure<ClusterOptions>(c => (c.ClusterId, c.ServiceId) = ("lipsol", "lipsol"));
            silo.Configure<SiloOptions>(s => s.SiloName = "node");
            silo.ConfigureEndpoints(System.Net.IPAddress.Loopback, FreePort(), 0);
            silo.AddLipSolStorage(_database.Options);
        });
        IHost host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }
}

public sealed class SqliteOrleansTablesTests() : OrleansTablesTests(StorageProvider.Sqlite);

public sealed class PostgresOrleansTablesTests() : OrleansTablesTests(StorageProvider.PostgreSql);

internal static class MembershipEntryExtensions
{
    public static MembershipEntry WithStatus(this MembershipEntry entry, SiloStatus status) => new()
    {
        SiloAddress = entry.SiloAddress,
        SiloName = entry.SiloName,
        HostName = entry.HostName,
        ProxyPort = entry.ProxyPort,
        StartTime = entry.StartTime,
        IAmAliveTime = entry.IAmAliveTime,
        SuspectTimes = [Tuple.Create(entry.SiloAddress, entry.StartTime)],
        Status = status,
    };
}
