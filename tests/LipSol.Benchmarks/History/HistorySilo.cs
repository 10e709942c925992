using LipSol.Contracts.Runs;
using LipSol.Grains;
using LipSol.Grains.Ports;
using LipSol.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.TestingHost;

namespace LipSol.Benchmarks.History;

/// <summary>A silo in this process on a database: what is measured goes through its grains, messages serialised as between processes.</summary>
internal sealed class HistorySilo : IAsyncDisposable
{
    private readonly InProcessTestCluster cluster;

    private HistorySilo(InProcessTestCluster cluster) => this.cluster = cluster;

    public IMetricStore Metrics => cluster.GetSiloServiceProvider().GetRequiredService<IMetricStore>();

    public IRunIndex Index => cluster.GetSiloServiceProvider().GetRequiredService<IRunIndex>();

    public IRunHistoryGrain History => cluster.Client.GetGrain<IRunHistoryGrain>(0);

    public IRunGrain Run(string id) => cluster.Client.GetGrain<IRunGrain>(id);

    public static async Task<HistorySilo> StartAsync(StorageOptions storage)
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.Options.ConfigureFileLogging = false;
        builder.Options.ServiceId = "lipsol";
        builder.ConfigureSilo((_, silo) =>
        {
            silo.AddLipSolStorage(storage with { Membership = false });
            // Nobody runs these runs but the benchmark: the scheduler isn't to miss their leases.
            silo.AddLipSolGrains(new GrainsOptions { ReconcilePeriod = TimeSpan.FromDays(1) });
            silo.Services.AddSingleton<IArtifactRemover, NoArtifacts>();
            silo.Services.AddLogging(logs => logs.SetMinimumLevel(LogLevel.Error));
        });
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return new HistorySilo(cluster);
    }

    public ValueTask DisposeAsync() => cluster.DisposeAsync();

    private sealed class NoArtifacts : IArtifactRemover
    {
        public Task RemoveAsync(string hash, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
