using LipSol.Contracts.Access;
using LipSol.Silo.Http;

namespace LipSol.Silo.Access;

/// <summary>What it takes to know who calls and what they may do.</summary>
internal static class AccessServices
{
    public static void AddAccess(this IServiceCollection services)
    {
        services.AddSingleton(s => new KnownTokens(() => s.GetRequiredService<IGrainFactory>().GetGrain<IAccessGrain>(0).ListAsync(), s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<KnownTokens>>()));
        services.AddSingleton<TokenLookup>();
        services.AddRoles();
    }
}
