using System.Globalization;
using LipSol.Contracts.Access;
using LipSol.Silo.Node;

namespace LipSol.Silo.Access;

/// <summary>Finds whose token it is.</summary>
internal sealed class TokenLookup(AccessToken node, KnownTokens tokens, TimeProvider time)
{
    /// <summary>The caller; or null, and what is wrong with the token, as it follows "The token".</summary>
    public async ValueTask<(Caller? Caller, string Wrong)> IdentifyAsync(string? offered)
    {
        // The node's own needs nobody's help: whoever has it comes in also while the cluster doesn't answer.
        if (node.Matches(offered)) return (new Caller(Caller.NodeToken, AccessRole.Admin), "");
        if (offered is null || !TokenHash.LooksLikeOne(offered)) return (null, "is wrong");
        if (await tokens.FindAsync(offered) is not { } found) return (null, "is wrong, or was revoked");
        return found.Holds(time.GetUtcNow())
            ? (new Caller(found.Name, found.Role, found.ExpiresAt), "")
            : (null, string.Create(CultureInfo.InvariantCulture, $"\"{found.Name}\" expired on {found.ExpiresAt:yyyy-MM-dd HH:mm} UTC"));
    }
}
