using LipSol.Grains.Ports;
using LipSol.Silo.Networks;
using LipSol.Silo.Transcriptions;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace LipSol.Silo.Workers;

/// <summary>Registers what owns this node's worker processes.</summary>
internal static class WorkersServices
{
    /// <summary>Adds <see cref="IWorkerHost"/> and <see cref="IClipCropper"/>; their processes end with the node. Call it after <c>UseOrleans</c>: hosted services stop in reverse, and a worker that stops still has a checkpoint and its end to record.</summary>
    public static IServiceCollection AddWorkers(this IServiceCollection services, WorkersOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton<Obstacles>();
        services.AddSingleton<WorkerHost>();
        services.AddSingleton<IWorkerHost>(s => s.GetRequiredService<WorkerHost>());
        services.AddHostedService(s => s.GetRequiredService<WorkerHost>());
        services.AddSingleton<NetworkTrials>();
        services.AddSingleton<ClipCropperPool>();
        services.AddSingleton<IClipCropper>(s => s.GetRequiredService<ClipCropperPool>());
        services.AddHostedService(s => s.GetRequiredService<ClipCropperPool>());
        return services;
    }
}
