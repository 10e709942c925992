using System.Net;
using System.Text;
using LipSol.Client;
using LipSol.Silo.Tests.Nodes;

namespace LipSol.Silo.Tests.Access;

public sealed class NamedTokenTests(NodeFixture fixture)
{
    private readonly TokensClient tokens = fixture.Client.Tokens;

    [Fact]
    public async Task A_token_is_told_once_lets_its_holder_in_and_once_revoked_nobody()
    {
        var made = await tokens.CreateAsync(new CreateToken { Name = "once", Role = TokenRole.Run });
        Assert.Matches("^lipsol_[0-9a-f]{48}$", made.Token);
        using (var holder = With(made.Token))
        {
            Assert.Equal(new TokenHolder("once", TokenRole.Run, null), await holder.Tokens.WhoAmIAsync());
            Assert.NotEmpty(await holder.Runs.ListAsync());
            var refusal = await Assert.ThrowsAsync<LipSolRefusedException>(() => holder.Tokens.ListAsync());
            Assert.Equal((HttpStatusCode.Forbidden, "forbidden"), (refusal.Status, refusal.Reason));
        }
        var listed = Assert.Single(await tokens.ListAsync(), t => t.Name == "once");
        Assert.Equal((TokenRole.Run, "node", null, null), (listed.Role, listed.CreatedBy, listed.ExpiresAt, listed.RevokedAt));

        var revoked = await tokens.RevokeAsync("once");
        Assert.Equal("node", revoked.RevokedBy);
        Assert.Equal(revoked, await tokens.RevokeAsync("once"));
        using (var holder = With(made.Token)) Assert.Contains("revoked", (await Assert.ThrowsAsync<LipSolUnauthorizedException>(() => holder.GetNodeAsync())).Message);
        Assert.NotNull(Assert.Single(await tokens.ListAsync(), t => t.Name == "once").RevokedAt);
    }

    [Fact]
    public async Task A_name_is_taken_while_its_token_holds_and_free_again_once_it_is_revoked()
    {
        var first = await tokens.CreateAsync(new CreateToken { Name = "again", Role = TokenRole.Read });
        var refusal = await Assert.ThrowsAsync<LipSolRefusedException>(() => tokens.CreateAsync(new CreateToken { Name = "again", Role = TokenRole.Admin }));
        Assert.Equal(HttpStatusCode.Conflict, refusal.Status);
        await tokens.RevokeAsync("again");
        var second = await tokens.CreateAsync(new CreateToken { Name = "again", Role = TokenRole.Admin });
        using var old = With(first.Token);
        await Assert.ThrowsAsync<LipSolUnauthorizedException>(() => old.GetNodeAsync());
        using var holder = With(second.Token);
        Assert.Equal(TokenRole.Admin, (await holder.Tokens.WhoAmIAsync()).Role);
        Assert.Equal("again", (await holder.Tokens.CreateAsync(new CreateToken { Name = "by-another", Role = TokenRole.Read })).CreatedBy);
    }

    [Theory]
    [InlineData("node", "nodes' own token")]
    [InlineData("Node", "nodes' own token")]
    [InlineData("", "The token's name")]
    [InlineData("a b", "The token's name")]
    [InlineData("../x", "The token's name")]
    public async Task A_name_that_cannot_be_used_is_refused(string name, string why)
    {
        var refusal = await Assert.ThrowsAsync<LipSolRefusedException>(() => tokens.CreateAsync(new CreateToken { Name = name, Role = TokenRole.Read }));
        Assert.Equal(HttpStatusCode.BadRequest, refusal.Status);
        Assert.Contains(why, refusal.Message);
    }

    [Fact]
    public async Task What_has_passed_or_is_no_token_is_refused()
    {
        Assert.Contains("has passed", (await Assert.ThrowsAsync<LipSolRefusedException>(() => tokens.CreateAsync(new CreateToken { Name = "late", Role = TokenRole.Read, ExpiresAt = DateTimeOffset.UtcNow.AddMinutes(-1) }))).Message);
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => tokens.RevokeAsync("of-nobody"));
        Assert.Contains("delete its file", (await Assert.ThrowsAsync<LipSolRefusedException>(() => tokens.RevokeAsync("node"))).Message);
        using var guess = With("lipsol_" + new string('0', 48));
        await Assert.ThrowsAsync<LipSolUnauthorizedException>(() => guess.GetNodeAsync());
    }

    [Fact]
    public async Task A_browser_gets_in_by_a_link_with_a_named_token_as_with_the_nodes_own()
    {
        var made = await tokens.CreateAsync(new CreateToken { Name = "browser", Role = TokenRole.Read });
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(fixture.Node.Url) };
        var first = await browser.GetAsync($"/?token={made.Token}");
        Assert.Equal(HttpStatusCode.Redirect, first.StatusCode);
        Assert.Equal("/", first.Headers.Location!.ToString());
        var cookie = first.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
        Assert.Equal(HttpStatusCode.OK, await StatusAsync());
        await tokens.RevokeAsync("browser");
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync());

        async Task<HttpStatusCode> StatusAsync()
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/");
            request.Headers.Add("Cookie", cookie);
            return (await browser.SendAsync(request)).StatusCode;
        }
    }

    [Fact]
    public async Task Nothing_that_is_kept_holds_the_token()
    {
        var made = await tokens.CreateAsync(new CreateToken { Name = "kept", Role = TokenRole.Read });
        var written = Encoding.ASCII.GetBytes(made.Token["lipsol_".Length..]);
        var files = Directory.EnumerateFiles(fixture.Node.DataFolder, "*", SearchOption.AllDirectories).Where(f => Path.GetFileName(f) != "node.lock").ToArray();
        Assert.Contains(files, f => f.EndsWith("lipsol.db", StringComparison.Ordinal));
        var named = false;
        foreach (var file in files)
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            Assert.True(bytes.AsSpan().IndexOf(written) < 0, $"{file} holds the token");
            named |= bytes.AsSpan().IndexOf("kept"u8) >= 0;
        }
        Assert.True(named, "its record was found nowhere: the test looks in the wrong place");
    }

    private LipSolClient With(string token) => new(new Uri(fixture.Node.Url), token);
}
