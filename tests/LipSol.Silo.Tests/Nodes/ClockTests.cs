using LipSol.Silo.Node;
using LipSol.Testing.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace LipSol.Silo.Tests.Nodes;

/// <summary>A node of a cluster on a machine whose clock is off.</summary>
public sealed class ClockTests
{
    [Theory]
    [InlineData(-3600, @"\b3,(599|600|601) s apart")]
    [InlineData(3600, @"\b3,(599|600|601) s apart")]
    [InlineData(15, @"\b1[456] s apart")]
    public async Task A_node_whose_clock_is_off_is_told_both_times_and_joins_nothing(int seconds, string apart)
    {
        Assert.SkipWhen(PostgresServer.WhyNot is not null, PostgresServer.WhyNot ?? "");
        await using var server = await PostgresServer.StartAsync();
        using var folder = new TemporaryFolder();
        var options = TestNode.Options(folder.Path) with { Join = server.ConnectionString(await server.CreateDatabaseAsync()), Advertise = System.Net.IPAddress.Loopback };

        var refusal = await Assert.ThrowsAsync<NodeStartException>(() => LipSolNode.StartAsync(options, services =>
        {
            services.AddLogging(log => log.ClearProviders());
            services.Replace(ServiceDescriptor.Singleton<TimeProvider>(new OffClock(TimeSpan.FromSeconds(seconds))));
        }));
        Assert.StartsWith("This machine's clock says ", refusal.Message);
        Assert.Matches(apart, refusal.Message);
        Assert.Contains(" s apart, and leases are measured by them. At most 10 s are allowed.", refusal.Message);
        Assert.Contains("timedatectl set-ntp true", refusal.Message);
        Assert.DoesNotContain('\n', refusal.Message);

        // With the clock put right it starts, from the same folder.
        await using var node = await LipSolNode.StartAsync(options, services => services.AddLogging(log => log.ClearProviders()));
    }

    private sealed class OffClock(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }
}
