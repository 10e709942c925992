using LipSol.Grains.Pipelines;
using LipSol.Grains.Ports;
using LipSol.Silo.Node;

namespace LipSol.Silo.Pipelines;

/// <summary>Registers what pipelines need of this node.</summary>
internal static class PipelinesServices
{
    public static IServiceCollection AddPipelines(this IServiceCollection services, NodeOptions options)
    {
        services.AddSingleton(new PipelinesOptions { CodeVersion = NodeVersion.Text });
        services.AddSingleton<ICorpusSources, CorpusSources>();
        services.AddSingleton<INoticeSender>(s => new NoticeSender(options.WebhookSecret, s.GetRequiredService<TimeProvider>()));
        return services;
    }
}
