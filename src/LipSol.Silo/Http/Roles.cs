using LipSol.Contracts.Access;
using Microsoft.AspNetCore.Authorization;

namespace LipSol.Silo.Http;

/// <summary>The role that each endpoint asks for. One that says nothing asks for the highest: whoever adds an endpoint and forgets about it has locked others out, not let them in.</summary>
internal static class Roles
{
    /// <summary>For looking at things, and having clips read.</summary>
    public static TBuilder NeedsRead<TBuilder>(this TBuilder endpoints) where TBuilder : IEndpointConventionBuilder => endpoints.RequireAuthorization(NameOf(AccessRole.Read));

    /// <summary>For making things: runs, versions of models and corpora, uploads that are kept.</summary>
    public static TBuilder NeedsRun<TBuilder>(this TBuilder endpoints) where TBuilder : IEndpointConventionBuilder => endpoints.RequireAuthorization(NameOf(AccessRole.Run));

    /// <summary>For deciding what serves, removing things, nodes and tokens.</summary>
    public static TBuilder NeedsAdmin<TBuilder>(this TBuilder endpoints) where TBuilder : IEndpointConventionBuilder => endpoints.RequireAuthorization(NameOf(AccessRole.Admin));

    /// <summary>The least role that may call an endpoint; null where no token is needed.</summary>
    public static AccessRole? Of(EndpointMetadataCollection metadata)
    {
        if (metadata.GetMetadata<IAllowAnonymous>() is not null) return null;
        var asked = metadata.GetOrderedMetadata<IAuthorizeData>();
        // What a group and an endpoint of it ask for are both needed: the higher one.
        return asked.Count == 0 ? AccessRole.Admin : asked.Max(a => Parse(a.Policy));
    }

    /// <summary>As people and programs write it.</summary>
    public static string NameOf(AccessRole role) => Problems.Kebab(role);

    /// <summary>One policy a role, the highest for what names none.</summary>
    public static void AddRoles(this IServiceCollection services)
    {
        services.AddAuthorizationBuilder()
            .AddPolicy(NameOf(AccessRole.Read), policy => policy.AddRequirements(new RoleRequirement(AccessRole.Read)))
            .AddPolicy(NameOf(AccessRole.Run), policy => policy.AddRequirements(new RoleRequirement(AccessRole.Run)))
            .AddPolicy(NameOf(AccessRole.Admin), policy => policy.AddRequirements(new RoleRequirement(AccessRole.Admin)))
            .SetDefaultPolicy(new AuthorizationPolicyBuilder().AddRequirements(new RoleRequirement(AccessRole.Admin)).Build())
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().AddRequirements(new RoleRequirement(AccessRole.Admin)).Build());
        services.AddSingleton<IAuthorizationHandler, RoleHandler>();
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, RoleRefusals>();
    }

    private static AccessRole Parse(string? policy) => Enum.TryParse<AccessRole>(policy, ignoreCase: true, out var role) ? role : AccessRole.Admin;
}
