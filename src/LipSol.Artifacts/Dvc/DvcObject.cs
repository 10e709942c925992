namespace LipSol.Artifacts.Dvc;

/// <summary>A content in a cache or remote: a file, or a folder's listing (its hash ends with <c>.dir</c>).</summary>
/// <param name="Hash">MD5 in lower-case hexadecimal digits, and <c>.dir</c> for a folder.</param>
/// <param name="Legacy">Of DVC 2: text was hashed with CRLF as LF, and the object lies at another place.</param>
public readonly record struct DvcObject(string Hash, bool Legacy = false)
{
    /// <summary>Whether it's a folder's listing.</summary>
    public bool IsFolder => ArtifactHash.IsFolder(Hash);

    /// <summary>Where it lies in a cache or remote, with forward slashes: <c>files/md5/xx/yyyy…</c>, of DVC 2 <c>xx/yyyy…</c>.</summary>
    public string Key => Legacy ? $"{Hash[..2]}/{Hash[2..]}" : $"{CurrentPrefix}{Hash[..2]}/{Hash[2..]}";

    internal const string CurrentPrefix = "files/md5/";

    /// <summary>The object at a key; null where the key is none of an object.</summary>
    internal static DvcObject? FromKey(ReadOnlySpan<char> key)
    {
        var legacy = !key.StartsWith(CurrentPrefix, StringComparison.Ordinal);
        if (!legacy) key = key[CurrentPrefix.Length..];
        if (key.Length < 4 || key[2] != '/') return null;
        var hash = string.Concat(key[..2], key[3..]);
        return ArtifactHash.IsValid(hash) ? new DvcObject(hash, legacy) : null;
    }
}
