using LipSol.Client;
using LipSol.Contracts.Access;
using LipSol.Silo.Http;

namespace LipSol.Silo.Access;

/// <summary>Named tokens over HTTP.</summary>
internal static class TokenEndpoints
{
    public static void MapTokens(this IEndpointRouteBuilder api)
    {
        var tokens = api.MapGroup("/tokens").WithTags("Access");
        tokens.MapGet("", async (IGrainFactory grains) => (await Access(grains).ListAsync()).ConvertAll(ToMessage))
            .WithSummary("The named tokens: those that hold, those that expired, the latest that were revoked. What they are themselves isn't known to the node.").NeedsAdmin();
        tokens.MapGet("/own", (HttpContext context) =>
        {
            var caller = Caller.Of(context);
            return new TokenHolder(caller.Name, (TokenRole)caller.Role, caller.ExpiresAt);
        }).WithSummary("Whose token this request came with, and what it may do.").NeedsRead();
        tokens.MapPost("", CreateAsync).WithSummary("Makes a token, and tells it this once.")
            .Produces<MadeToken>(StatusCodes.Status201Created).Refuses(StatusCodes.Status409Conflict).NeedsAdmin();
        tokens.MapPost("/{name}/revoke", RevokeAsync).WithSummary("The token lets nobody in any more: at once on this node, on all others within 3 s. Repeatable.")
            .Refuses(StatusCodes.Status404NotFound).Refuses(StatusCodes.Status409Conflict).NeedsAdmin();
    }

    private static async Task<IResult> CreateAsync(CreateToken asked, HttpContext context, IGrainFactory grains, KnownTokens known, TimeProvider time)
    {
        Names.Require(asked.Name, "The token's name");
        if (IsNodes(asked.Name)) throw ApiException.BadRequest($"\"{asked.Name}\" is what the nodes' own token is called. Give this one another name.");
        if (!Enum.IsDefined(asked.Role)) throw ApiException.BadRequest("There is no such role. Known are read, run and admin.");
        if (asked.ExpiresAt <= time.GetUtcNow()) throw ApiException.BadRequest($"expiresAt is {asked.ExpiresAt:u}, which has passed.");
        var token = TokenHash.NewToken();
        var made = ToMessage(await Access(grains).CreateAsync(new NewToken(asked.Name, (AccessRole)asked.Role, TokenHash.Of(token), asked.ExpiresAt?.ToUniversalTime(), Caller.Of(context).Name)));
        known.Forget();
        // Nothing between here and who asked for it is to keep it.
        context.Response.Headers.CacheControl = "no-store";
        return Results.Json(new MadeToken { Name = made.Name, Role = made.Role, CreatedAt = made.CreatedAt, CreatedBy = made.CreatedBy, ExpiresAt = made.ExpiresAt, Token = token }, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<NamedToken> RevokeAsync(string name, HttpContext context, IGrainFactory grains, KnownTokens known)
    {
        if (IsNodes(name))
            throw new ApiException(StatusCodes.Status409Conflict, "refused", "The nodes' own token isn't revoked but replaced: stop the nodes, delete its file (\"token\" in the data or the shared folder), and start them again.");
        var revoked = await Access(grains).RevokeAsync(name, Caller.Of(context).Name) ?? throw ApiException.NotFound($"There is no token \"{name}\". `lipsol tokens list` names them all.");
        known.Forget();
        return ToMessage(revoked);
    }

    private static bool IsNodes(string name) => name.Equals(Caller.NodeToken, StringComparison.OrdinalIgnoreCase);

    private static IAccessGrain Access(IGrainFactory grains) => grains.GetGrain<IAccessGrain>(0);

    private static NamedToken ToMessage(TokenRecord token) => new()
    {
        Name = token.Name,
        Role = (TokenRole)token.Role,
        CreatedAt = token.CreatedAt,
        CreatedBy = token.CreatedBy,
        ExpiresAt = token.ExpiresAt,
        RevokedAt = token.RevokedAt,
        RevokedBy = token.RevokedBy,
    };
}
