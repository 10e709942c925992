using LipSol.Contracts.Access;
using LipSol.Silo.Access;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;

namespace LipSol.Silo.Http;

/// <summary>At least this role.</summary>
internal sealed record RoleRequirement(AccessRole Role) : IAuthorizationRequirement;

/// <summary>Compares the caller's role with the one that is asked for.</summary>
internal sealed class RoleHandler : AuthorizationHandler<RoleRequirement>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, RoleRequirement requirement)
    {
        if (context.Resource is HttpContext request && Caller.Find(request) is { } caller && caller.Role >= requirement.Role) context.Succeed(requirement);
        return Task.CompletedTask;
    }
}

/// <summary>Tells whoever lacks a role which one it takes.</summary>
internal sealed class RoleRefusals : IAuthorizationMiddlewareResultHandler
{
    public Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult result)
    {
        // What isn't there is nobody's to see: 404 for all. What is there but answers no such method or content type (405, 415) has a stand-in of routing's as its endpoint, which says so.
        if (result.Succeeded || context.GetEndpoint() is not RouteEndpoint endpoint) return next(context);
        var needed = Roles.NameOf(Roles.Of(endpoint.Metadata) ?? AccessRole.Admin);
        var caller = Caller.Of(context);
        return Problems.WriteAsync(context, StatusCodes.Status403Forbidden, "forbidden",
            $"{context.Request.Method} {context.Request.Path} needs a token with the role {needed}; \"{caller.Name}\" has {Roles.NameOf(caller.Role)}. An administrator makes one: `lipsol tokens create NAME --role {needed}`.");
    }
}
