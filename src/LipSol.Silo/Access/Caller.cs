using System.Security.Claims;
using LipSol.Contracts.Access;
using LipSol.Silo.Http;

namespace LipSol.Silo.Access;

/// <summary>Whoever holds the token that a request came with.</summary>
/// <param name="Name">The token's name; <see cref="NodeToken"/> for the node's own.</param>
/// <param name="Role">What it may do.</param>
/// <param name="ExpiresAt">When the token ceases to hold; null: when it's revoked.</param>
internal sealed record Caller(string Name, AccessRole Role, DateTimeOffset? ExpiresAt = null)
{
    /// <summary>The name of the token in the node's file; no other one may have it.</summary>
    public const string NodeToken = "node";

    private const string RoleClaim = "lipsol.role";

    /// <summary>Who calls: for rate limits, and for records of who did what.</summary>
    /// <exception cref="InvalidOperationException">The request came without a token, to one of the few endpoints that need none.</exception>
    public static Caller Of(HttpContext context) => Find(context) ?? throw new InvalidOperationException($"{context.Request.Path} was called without a token.");

    /// <summary>Who calls; null where the endpoint needs no token.</summary>
    public static Caller? Find(HttpContext context) => context.Features.Get<Caller>();

    /// <summary>Says who calls, also to what goes by ASP.NET's own notion of it.</summary>
    public void CallIn(HttpContext context)
    {
        context.Features.Set(this);
        context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, Name), new Claim(RoleClaim, Roles.NameOf(Role))], "token", ClaimTypes.Name, RoleClaim));
    }
}
