using System.Security.Cryptography;
using System.Text;

namespace LipSol.Silo.Access;

/// <summary>Named tokens, and what is kept of them.</summary>
internal static class TokenHash
{
    // So that whoever, or whatever scanner, finds one in a file knows what it is.
    private const string Prefix = "lipsol_";

    /// <summary>A new token: 192 random bits.</summary>
    public static string NewToken() => Prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));

    /// <summary>Whether this could be a named token at all.</summary>
    public static bool LooksLikeOne(string offered) => offered.Length == Prefix.Length + 48 && offered.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>What is kept of a token.</summary>
    /// <remarks>
    /// SHA-256 once, without salt, is enough: a slow hash (bcrypt, Argon2) makes guessing a person's password expensive, and a salt keeps two people with the same one apart. Among 2¹⁹² random
    /// tokens there is nothing to guess nor to tabulate, and this is computed at every request.
    /// </remarks>
    public static string Of(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
