namespace LipSol.Silo.Transcriptions;

/// <summary>What reading clips over HTTP needs. Its work under way ends before the workers do: call it after <c>AddWorkers</c>.</summary>
internal static class TranscriptionServices
{
    public static IServiceCollection AddTranscriptions(this IServiceCollection services)
    {
        services.AddSingleton<ClipTranscriber>();
        services.AddSingleton<TranscriptionKeeper>();
        services.AddSingleton<TranscriptionJobs>();
        services.AddHostedService(s => s.GetRequiredService<TranscriptionJobs>());
        return services;
    }
}
