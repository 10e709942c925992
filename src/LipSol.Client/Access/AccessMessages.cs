namespace LipSol.Client;

/// <summary>What a token lets whoever holds it do; each role may do what the ones before it may.</summary>
public enum TokenRole
{
    /// <summary>Look at things and have clips read.</summary>
    Read,
    /// <summary>Make things: runs, versions, uploads.</summary>
    Run,
    /// <summary>Decide what serves, remove things, see to nodes and tokens.</summary>
    Admin,
}

/// <summary>A named token; what it is itself nobody can tell any more.</summary>
public record NamedToken
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }
    /// <summary>What it's for.</summary>
    public required TokenRole Role { get; init; }
    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
    /// <summary>The name of the token by which it was made; <c>node</c> is the nodes' own.</summary>
    public required string CreatedBy { get; init; }
    /// <summary>When it ceases to hold, or ceased; null: when it's revoked.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
    /// <summary>When it was revoked; null: it wasn't.</summary>
    public DateTimeOffset? RevokedAt { get; init; }
    /// <summary>The name of the token by which it was revoked.</summary>
    public string? RevokedBy { get; init; }
}

/// <summary>A token that was just made.</summary>
public sealed record MadeToken : NamedToken
{
    /// <summary>The token itself. The only time that it's told.</summary>
    public required string Token { get; init; }
}

/// <summary>A token to make.</summary>
public sealed record CreateToken
{
    /// <summary>What it's to be called.</summary>
    public required string Name { get; init; }
    /// <summary>What it's for.</summary>
    public required TokenRole Role { get; init; }
    /// <summary>When it's to cease to hold; null: when it's revoked.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
}

/// <summary>Whose token a request came with.</summary>
/// <param name="Name">Its name; <c>node</c> is the nodes' own.</param>
/// <param name="Role">What it may do.</param>
/// <param name="ExpiresAt">When it ceases to hold; null: when it's revoked.</param>
public sealed record TokenHolder(string Name, TokenRole Role, DateTimeOffset? ExpiresAt);
