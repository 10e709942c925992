namespace LipSol.Client;

/// <summary>The cluster's named tokens: making one for each person and program, and revoking it.</summary>
/// <example>
/// <code>
/// var made = await client.Tokens.CreateAsync(new CreateToken { Name = "captions", Role = TokenRole.Read, ExpiresAt = DateTimeOffset.UtcNow.AddDays(30) });
/// Console.WriteLine(made.Token);
/// await client.Tokens.RevokeAsync("captions");
/// </code>
/// </example>
public sealed class TokensClient
{
    private readonly NodeConnection connection;

    internal TokensClient(NodeConnection connection) => this.connection = connection;

    /// <summary>Makes a token, and tells it this once.</summary>
    /// <exception cref="LipSolRefusedException">A token of this name holds already; or the caller is no administrator.</exception>
    public Task<MadeToken> CreateAsync(CreateToken token, CancellationToken cancellationToken = default) =>
        connection.PostAsync<MadeToken>("api/v1/tokens", token, cancellationToken);

    /// <summary>The tokens that are kept, oldest first: those that hold, those that expired, and the latest that were revoked.</summary>
    public Task<IReadOnlyList<NamedToken>> ListAsync(CancellationToken cancellationToken = default) =>
        connection.GetAsync<IReadOnlyList<NamedToken>>("api/v1/tokens", cancellationToken);

    /// <summary>From now on nobody gets in by this token: at once on the node that is asked, on all others within three seconds. Repeatable.</summary>
    /// <exception cref="LipSolNotFoundException">No such token.</exception>
    public Task<NamedToken> RevokeAsync(string name, CancellationToken cancellationToken = default) =>
        connection.PostAsync<NamedToken>($"api/v1/tokens/{Uri.EscapeDataString(name)}/revoke", null, cancellationToken);

    /// <summary>Whose token this client sends, and what it may do. Any role may ask.</summary>
    public Task<TokenHolder> WhoAmIAsync(CancellationToken cancellationToken = default) =>
        connection.GetAsync<TokenHolder>("api/v1/tokens/own", cancellationToken);
}
