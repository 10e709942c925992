using LipSol.Grains.Models.Gate;
using LipSol.Grains.Models.Warming;
using LipSol.Grains.Nodes;
using LipSol.Grains.Pipelines;
using LipSol.Grains.Pipelines.Steps;
using LipSol.Grains.Serving;
using LipSol.Grains.Serving.Routing;
using LipSol.Grains.Serving.Traffic;
using LipSol.Grains.Serving.Versions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace LipSol.Grains;

/// <summary>Puts LipSol's grains into a silo.</summary>
public static class LipSolGrainsExtensions
{
    /// <summary>The key of the <see cref="TimeProvider"/> that LipSol's grains read. Orleans' own clock is another service, so a test can stop this one alone.</summary>
    public const string Clock = "lipsol";

    /// <summary>
    /// What the grains need. The silo also registers the ports: <c>IMetricStore</c>, <c>IRunIndex</c> (by <c>AddLipSolStorage</c>),
    /// <c>IWorkerHost</c>, <c>IModelRuntime</c>, <c>IArtifactReader</c>, <c>IArtifactWriter</c>, <c>IArtifactRemover</c>, <c>ICorpusSources</c>, <c>INoticeSender</c>, and a reminder service and a default grain storage.
    /// </summary>
    public static ISiloBuilder AddLipSolGrains(this ISiloBuilder silo, GrainsOptions? options = null)
    {
        silo.Services.AddSingleton(options ?? new GrainsOptions());
        silo.Services.TryAddKeyedSingleton(Clock, TimeProvider.System);
        silo.Services.AddSingleton<ClusterNodes>();
        silo.Services.AddSingleton<TestResults>();
        silo.Services.AddSingleton<PromotionGate>();
        silo.Services.AddSingleton<VersionWarming>();
        silo.Services.AddPipelines();
        silo.Services.AddServing();
        silo.Services.AddPlacementDirector<NodePlacement, NodePlacementDirector>();
        return silo;
    }

    private static void AddPipelines(this IServiceCollection services)
    {
        services.TryAddSingleton(new PipelinesOptions());
        foreach (Type work in new[] { typeof(PrepareWork), typeof(TrainWork), typeof(EvaluateWork), typeof(ChooseWork), typeof(GateWork), typeof(PromoteWork) }) services.AddSingleton(typeof(IStepWork), work);
    }

    private static void AddServing(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<ServingBoard>();
        services.AddSingleton<IModelRoutes>(s => s.GetRequiredService<ServingBoard>());
        services.AddSingleton<NodeLoads>();
        services.AddSingleton<HeldModels>();
        services.AddSingleton<IModelUses>(s => s.GetRequiredService<HeldModels>());
        services.AddSingleton<NodeVersions>();
        services.AddSingleton<TrafficCounts>();
        services.AddSingleton<Shadows>();
        services.AddSingleton<ReadRouter>();
        services.AddSingleton<ServingRefresh>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(s => s.GetRequiredService<ServingRefresh>());
    }
}
