using System.Diagnostics;
using LipSol.Client;
using LipSol.Silo.Access;
using LipSol.Silo.Tests.Nodes;

namespace LipSol.Silo.Tests.Access;

/// <summary>Two nodes of one cluster.</summary>
public sealed class SeveralNodesTests
{
    private static readonly TokenLimits Unlimited = new() { RequestsPerSecond = 0 };

    [Fact]
    public async Task A_token_holds_on_every_node_and_is_gone_from_all_within_three_seconds_of_being_revoked()
    {
        using var shared = new TemporaryFolder();
        var database = $"Data Source={Path.Combine(shared.Path, "cluster.db")}";
        await using var first = await TestNode.StartAsync(o => o with { Name = "first", Join = database, SharedFolder = shared.Path, TokenLimits = Unlimited });
        await using var second = await TestNode.StartAsync(o => o with { Name = "second", Join = database, SharedFolder = shared.Path, TokenLimits = Unlimited });
        Assert.Equal(first.Token, second.Token);
        var made = await first.Client.Tokens.CreateAsync(new CreateToken { Name = "both", Role = TokenRole.Run });
        using var here = new LipSolClient(new Uri(first.Url), made.Token);
        using var there = new LipSolClient(new Uri(second.Url), made.Token);
        Assert.Equal("both", (await here.Tokens.WhoAmIAsync()).Name);
        Assert.Equal("both", (await there.Tokens.WhoAmIAsync()).Name);

        await first.Client.Tokens.RevokeAsync("both");
        var since = Stopwatch.StartNew();
        await Assert.ThrowsAsync<LipSolUnauthorizedException>(() => here.Tokens.WhoAmIAsync());
        // It's asked again and again: a token that is in use mustn't be kept alive by that.
        TimeSpan heldLast = TimeSpan.Zero, asked = since.Elapsed;
        while (await HoldsAsync(there)) (heldLast, asked) = (asked, since.Elapsed);
        Assert.True(heldLast < KnownTokens.Oldest, $"a request that was sent {heldLast.TotalSeconds:0.0} s after it was revoked was let in");
    }

    private static async Task<bool> HoldsAsync(LipSolClient client)
    {
        try
        {
            await client.Tokens.WhoAmIAsync();
            return true;
        }
        catch (LipSolUnauthorizedException)
        {
            return false;
        }
    }
}
