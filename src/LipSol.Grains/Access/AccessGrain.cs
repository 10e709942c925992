using LipSol.Contracts.Access;
using LipSol.Contracts.Runs;
using Microsoft.Extensions.DependencyInjection;

namespace LipSol.Grains.Access;

/// <summary>Keeps the named tokens. What isn't written down doesn't count: a token is known, or gone, once the call has answered.</summary>
[GrainType("access")]
internal sealed class AccessGrain(
    [PersistentState("access")] IPersistentState<AccessState> state,
    [FromKeyedServices(LipSolGrainsExtensions.Clock)] TimeProvider time) : Grain, IAccessGrain
{
    // Every node holds all of them in memory and asks for them every few seconds.
    private const int MostTokens = 1000;
    private const int EndedKept = 100;

    public Task<List<TokenRecord>> ListAsync() => Task.FromResult(state.State.Tokens);

    public async Task<TokenRecord> CreateAsync(NewToken token)
    {
        DateTimeOffset now = time.GetUtcNow();
        List<TokenRecord> holding = [.. state.State.Tokens.Where(t => t.Holds(now))];
        if (holding.Exists(t => t.Name == token.Name)) throw new RefusedException($"There is a token \"{token.Name}\" already. Revoke it first (`lipsol tokens revoke {token.Name}`), or give the new one another name.");
        if (holding.Count >= MostTokens) throw new RefusedException($"There are {MostTokens} tokens already. Revoke those that nobody uses.");
        var made = new TokenRecord { Name = token.Name, Role = token.Role, Hash = token.Hash, CreatedAt = now, CreatedBy = token.By, ExpiresAt = token.ExpiresAt };
        await KeepAsync([.. Ended(now), .. holding, made]);
        return made;
    }

    public async Task<TokenRecord?> RevokeAsync(string name, string by)
    {
        DateTimeOffset now = time.GetUtcNow();
        // The last of this name: those before it have ended.
        if (state.State.Tokens.FindLast(t => t.Name == name) is not { } found) return null;
        if (found.RevokedAt is not null) return found;
        TokenRecord revoked = found with { Hash = "", RevokedAt = now, RevokedBy = by };
        await KeepAsync([.. state.State.Tokens.Select(t => t == found ? revoked : t)]);
        return revoked;
    }

    private IEnumerable<TokenRecord> Ended(DateTimeOffset now) => state.State.Tokens.Where(t => !t.Holds(now)).TakeLast(EndedKept);

    /// <summary>A list of its own each time: readers aren't made to wait, and hold the one before.</summary>
    private async Task KeepAsync(List<TokenRecord> tokens)
    {
        List<TokenRecord> before = state.State.Tokens;
        state.State.Tokens = tokens;
        try
        {
            await state.WriteStateAsync();
        }
        catch
        {
            state.State.Tokens = before;
            throw;
        }
    }
}

/// <summary>What is kept of the tokens.</summary>
[GenerateSerializer, Alias("lipsol.AccessState")]
internal sealed class AccessState
{
    /// <summary>Oldest first.</summary>
    [Id(0)] public List<TokenRecord> Tokens { get; set; } = [];
}
