using LipSol.Contracts.Runs;
using Orleans.Concurrency;

namespace LipSol.Contracts.Access;

/// <summary>The cluster's named tokens. Key: 0. A token itself never comes here: only its hash.</summary>
[Alias("lipsol.IAccessGrain")]
public interface IAccessGrain : IGrainWithIntegerKey
{
    /// <summary>All that are kept, oldest first: those that hold, those that expired and the latest that were revoked.</summary>
    [Alias("List"), AlwaysInterleave] Task<List<TokenRecord>> ListAsync();
    /// <summary>Takes a token in.</summary>
    /// <exception cref="RefusedException">Its name is taken by one that holds, or there are too many.</exception>
    [Alias("Create")] Task<TokenRecord> CreateAsync(NewToken token);
    /// <summary>The token of this name holds no more: its hash is forgotten. Repeatable; null where there never was one, as far as is kept.</summary>
    [Alias("Revoke")] Task<TokenRecord?> RevokeAsync(string name, string by);
}

/// <summary>What a token lets whoever holds it do; each role may do what the ones before it may.</summary>
public enum AccessRole
{
    /// <summary>Look at things and have clips read.</summary>
    Read,
    /// <summary>Make things: runs, versions, uploads.</summary>
    Run,
    /// <summary>Decide what serves, remove things, see to nodes and tokens.</summary>
    Admin,
}

/// <summary>A token to take in.</summary>
/// <param name="Name">What it's called.</param>
/// <param name="Role">What it's for.</param>
/// <param name="Hash">SHA-256 of the token, as hexadecimal digits.</param>
/// <param name="ExpiresAt">When it ceases to hold; null: when it's revoked.</param>
/// <param name="By">Who made it: the name of a token.</param>
[GenerateSerializer, Alias("lipsol.NewToken"), Immutable]
public sealed record NewToken([property: Id(0)] string Name, [property: Id(1)] AccessRole Role, [property: Id(2)] string Hash,
    [property: Id(3)] DateTimeOffset? ExpiresAt, [property: Id(4)] string By);

/// <summary>A token as it's kept.</summary>
[GenerateSerializer, Alias("lipsol.TokenRecord"), Immutable]
public sealed record TokenRecord
{
    /// <summary>What it's called.</summary>
    [Id(0)] public required string Name { get; init; }
    /// <summary>What it's for.</summary>
    [Id(1)] public required AccessRole Role { get; init; }
    /// <summary>SHA-256 of the token, as hexadecimal digits; empty once it's revoked.</summary>
    [Id(2)] public required string Hash { get; init; }
    /// <summary>When it was made.</summary>
    [Id(3)] public required DateTimeOffset CreatedAt { get; init; }
    /// <summary>Who made it: the name of a token.</summary>
    [Id(4)] public required string CreatedBy { get; init; }
    /// <summary>When it ceases to hold; null: when it's revoked.</summary>
    [Id(5)] public DateTimeOffset? ExpiresAt { get; init; }
    /// <summary>When it was revoked.</summary>
    [Id(6)] public DateTimeOffset? RevokedAt { get; init; }
    /// <summary>Who revoked it: the name of a token.</summary>
    [Id(7)] public string? RevokedBy { get; init; }

    /// <summary>Whether it lets anyone in at this time.</summary>
    public bool Holds(DateTimeOffset now) => RevokedAt is null && !(ExpiresAt <= now);
}
