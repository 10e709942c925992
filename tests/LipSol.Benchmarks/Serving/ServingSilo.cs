using LipSol.Contracts.Serving;
using LipSol.Corpus;
using LipSol.Grains;
using LipSol.Grains.Ports;
using LipSol.Grains.Serving.Versions;
using LipSol.Silo.Corpora;
using LipSol.Silo.Node;
using LipSol.Silo.Serving;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.TestingHost;

namespace LipSol.Benchmarks.Serving;

/// <summary>A silo in this process that serves a model: the node's own replica grain and runtime.</summary>
internal sealed class ServingSilo : IAsyncDisposable
{
    private readonly InProcessTestCluster cluster;

    private ServingSilo(InProcessTestCluster cluster, string node)
    {
        this.cluster = cluster;
        var key = $"benchmark/1@{node}";
        Replica = cluster.Silos[0].ServiceProvider.GetRequiredService<IGrainFactory>().GetGrain<IReplicaGrain>(key);
        FromElsewhere = cluster.Client.GetGrain<IReplicaGrain>(key);
    }

    /// <summary>As the node's own HTTP side calls it.</summary>
    public IReplicaGrain Replica { get; }

    /// <summary>As another process calls it: every message serialised and sent.</summary>
    public IReplicaGrain FromElsewhere { get; }

    /// <summary>A node's runtime on a folder.</summary>
    public static ModelRuntime Runtime(string folder, ServingOptions serving)
    {
        var catalog = new CorpusCatalog(folder);
        return new ModelRuntime(catalog.Artifacts, new CorpusLibrary(catalog), new HeldModels(new GrainsOptions(), TimeProvider.System), new NodeOptions { DataFolder = folder, Device = "cpu", Serving = serving }, TimeProvider.System, NullLogger<ModelRuntime>.Instance);
    }

    /// <summary>Starts it, with the model loaded and warm.</summary>
    public static async Task<ServingSilo> StartAsync(ModelRuntime runtime, string modelArtifact)
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.Options.ConfigureFileLogging = false;
        builder.ConfigureSilo((_, silo) =>
        {
            silo.AddLipSolGrains();
            silo.Services.AddSingleton<IModelRuntime>(runtime);
            silo.Services.AddLogging(logs => logs.SetMinimumLevel(LogLevel.Error));
        });
        var cluster = builder.Build();
        await cluster.DeployAsync();
        var node = cluster.Silos[0].Name;
        var serving = cluster.Client.GetGrain<IServingNodeGrain>($"serving@{node}");
        await serving.WarmAsync(modelArtifact);
        await serving.RouteAsync(new ModelRoute { Model = "benchmark", Revision = 1, Production = new RoutedVersion(1, modelArtifact), Versions = 1 });
        return new ServingSilo(cluster, node);
    }

    public ValueTask DisposeAsync() => cluster.DisposeAsync();
}
