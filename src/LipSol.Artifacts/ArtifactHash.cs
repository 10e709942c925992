using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace LipSol.Artifacts;

/// <summary>Content hashes: 32 lower-case hexadecimal digits, with <c>.dir</c> for a folder.</summary>
public static partial class ArtifactHash
{
    /// <summary>What a folder's hash ends with.</summary>
    public const string FolderSuffix = ".dir";

    /// <summary>Whether the hash is a folder's.</summary>
    public static bool IsFolder(string hash) => hash.EndsWith(FolderSuffix, StringComparison.Ordinal);

    /// <summary>Whether the text has the form of a hash.</summary>
    public static bool IsValid(string? hash) => hash is not null && (hash.Length == 32 || hash.Length == 36 && IsFolder(hash))
        && hash.AsSpan(0, 32).IndexOfAnyExcept("0123456789abcdef") < 0;

    /// <summary>Returns the hash if it has the form of one. Guards every path that's made of a hash.</summary>
    /// <exception cref="ArgumentException">It hasn't.</exception>
    public static string Check(string? hash) => IsValid(hash) ? hash!
        : throw new ArgumentException($"'{hash}' is not an artifact's hash: 32 lower-case hexadecimal digits, and .dir for a folder.", nameof(hash));

    /// <summary>The hash of bytes.</summary>
    public static string Of(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(MD5.HashData(content));

    /// <summary>The hash of a stream's remaining bytes.</summary>
    public static string Of(Stream content) => Convert.ToHexStringLower(MD5.HashData(content));

    /// <summary>The hash of a file, or of a folder (of its listing, with <c>.dir</c>).</summary>
    public static string OfPath(string path)
    {
        if (Directory.Exists(path)) return FolderListing.Of(path).Hash;
        using var file = File.OpenRead(path);
        return Of(file);
    }

    /// <summary>Everything in a text that has the form of a hash: what a manifest or a listing names.</summary>
    public static IEnumerable<string> NamedIn(string text) => Named().Matches(text).Select(m => m.Value);

    [GeneratedRegex("(?<![0-9a-f])[0-9a-f]{32}(\\.dir)?(?![0-9a-f])")]
    private static partial Regex Named();
}
