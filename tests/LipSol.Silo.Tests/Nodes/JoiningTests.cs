using LipSol.Contracts.Scheduling;
using LipSol.Silo.Node;
using LipSol.Testing.Cluster.Processes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace LipSol.Silo.Tests.Nodes;

/// <summary>A node that joins while others of its cluster die, or that fails on its way in.</summary>
public sealed class JoiningTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_scheduler_that_does_not_answer_yet_is_asked_again()
    {
        var refusals = new Refusals(by: 2);
        await using var first = await LipSolNode.StartAsync(Options("first"), services => Quiet(services).AddSingleton<IIncomingGrainCallFilter>(refusals));
        await using var second = await LipSolNode.StartAsync(Options("second"), services => Quiet(services));
        Assert.Equal(0, refusals.Left);
        Assert.Equal(["first", "second"], (await Scheduler(first).GetAsync()).Nodes.Select(n => n.Name));
    }

    [Fact]
    public async Task A_node_that_fails_after_it_has_joined_is_out_of_the_cluster_when_its_start_ends()
    {
        await using var first = await LipSolNode.StartAsync(Options("first"), services => Quiet(services));
        await Assert.ThrowsAsync<NodeStartException>(() => LipSolNode.StartAsync(Options("second"), services => Quiet(services).AddHostedService<Failing>()));
        var members = await first.Services.GetRequiredService<IGrainFactory>().GetGrain<IManagementGrain>(0).GetDetailedHosts(onlyActive: false);
        Assert.Equal([("first", SiloStatus.Active), ("second", SiloStatus.Dead)], members.Select(m => (m.SiloName, m.Status)).OrderBy(m => m.SiloName));
    }

    [Fact]
    public async Task Every_node_knows_what_the_others_have()
    {
        await using var first = await LipSolNode.StartAsync(Options("first"), services => Quiet(services));
        await using var second = await LipSolNode.StartAsync(Options("second") with { Slots = 3, Labels = ["quiet", "room-2"], Memory = 5L << 30 }, services => Quiet(services));
        var address = (await first.Services.GetRequiredService<IGrainFactory>().GetGrain<IManagementGrain>(0).GetDetailedHosts(onlyActive: true)).Single(m => m.SiloName == "second").SiloAddress;
        // The cache asks a node that has joined by itself, a moment later.
        var told = await Eventually.FindAsync("word of what the second has", TimeSpan.FromSeconds(60), () =>
            Task.FromResult(first.Services.GetRequiredService<ISiloMetadataCache>().GetSiloMetadata(address).Metadata is { Count: > 0 } known ? known : null));
        Assert.Equal(("second", "cpu,cpu,cpu", "quiet,room-2", "5368709120"), (told["lipsol.node"], told["lipsol.slots"], told["lipsol.labels"], told["lipsol.memory"]));
    }

    private NodeOptions Options(string name) => TestNode.Options(Path.Combine(folder.Path, name)) with
    {
        Name = name,
        Join = $"Data Source={Path.Combine(folder.Path, "cluster.db")}",
        SharedFolder = Directory.CreateDirectory(Path.Combine(folder.Path, "shared")).FullName,
        Advertise = System.Net.IPAddress.Loopback,
    };

    private static ISchedulerGrain Scheduler(LipSolNode node) => node.Services.GetRequiredService<IGrainFactory>().GetGrain<ISchedulerGrain>(0);

    private static IServiceCollection Quiet(IServiceCollection services) => services.AddLogging(log => log.ClearProviders());

    private sealed class Failing : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => throw new NodeStartException("on purpose");

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    /// <summary>Answers the second node's first registrations as Orleans answers for a node that has just died.</summary>
    private sealed class Refusals(int by) : IIncomingGrainCallFilter
    {
        public int Left { get; private set; } = by;

        public Task Invoke(IIncomingGrainCallContext context)
        {
            if (context.MethodName == nameof(ISchedulerGrain.RegisterNodeAsync) && context.Request.GetArgument(0) is NodeRegistration { Name: "second" } && Left > 0)
            {
                Left--;
                throw new SiloUnavailableException("on purpose");
            }
            return context.Invoke();
        }
    }
}
