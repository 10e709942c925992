using System.Buffers;
using System.Text;
using System.Text.Json;

namespace LipSol.Artifacts;

/// <summary>A file of a folder artifact.</summary>
/// <param name="Md5">MD5 of its bytes.</param>
/// <param name="RelativePath">Its path in the folder, with forward slashes.</param>
public sealed record FolderEntry(string Md5, string RelativePath);

/// <summary>A folder's files with their hashes: byte for byte the <c>.dir</c> object that DVC 3 writes.</summary>
/// <remarks>
/// The bytes are <c>json.dumps(entries, sort_keys=True)</c> of Python: <c>", "</c> and <c>": "</c> between, everything outside printable ASCII
/// as lower-case \uXXXX, no newline at the end; entries in code-point order of their paths.
/// </remarks>
public sealed class FolderListing
{
    private static readonly SearchValues<char> Plain = SearchValues.Create([.. Enumerable.Range(' ', '~' - ' ' + 1).Select(c => (char)c).Where(c => c is not ('"' or '\\'))]);

    private FolderListing(IReadOnlyList<FolderEntry> entries) => Entries = entries;

    /// <summary>The files, in code-point order of their paths.</summary>
    public IReadOnlyList<FolderEntry> Entries { get; }

    /// <summary>The folder's hash: MD5 of the bytes and <c>.dir</c>.</summary>
    public string Hash => ArtifactHash.Of(ToBytes()) + ArtifactHash.FolderSuffix;

    /// <summary>A listing of these files, in any order.</summary>
    /// <exception cref="InvalidDataException">A path leaves the folder, or occurs twice, or a hash isn't one.</exception>
    public static FolderListing Of(IEnumerable<FolderEntry> entries)
    {
        var sorted = entries.ToArray();
        Array.Sort(sorted, (a, b) => CompareCodePoints(a.RelativePath, b.RelativePath));
        for (var i = 0; i < sorted.Length; i++)
        {
            var path = sorted[i].RelativePath;
            if (!IsInside(path)) throw new InvalidDataException($"'{path}' is not a path inside a folder.");
            if (!ArtifactHash.IsValid(sorted[i].Md5) || ArtifactHash.IsFolder(sorted[i].Md5)) throw new InvalidDataException($"'{sorted[i].Md5}' is not a file's MD5.");
            if (i > 0 && path == sorted[i - 1].RelativePath) throw new InvalidDataException($"'{path}' is listed twice.");
        }
        return new FolderListing(sorted);
    }

    /// <summary>The listing of a folder on disk; hashes every file.</summary>
    public static FolderListing Of(string folder) =>
        Of(FolderWalk.Files(folder).Select(file => new FolderEntry(HashFile(file.Path), file.RelativePath)));

    /// <summary>Reads a <c>.dir</c> object.</summary>
    /// <exception cref="InvalidDataException">Not a listing.</exception>
    public static FolderListing Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return Of(document.RootElement.EnumerateArray().Select(e => new FolderEntry(
                e.GetProperty("md5").GetString() ?? "", e.GetProperty("relpath").GetString() ?? "")).ToArray());
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new InvalidDataException($"Not a folder's listing: {e.Message}", e);
        }
    }

    /// <summary>The bytes of the <c>.dir</c> object.</summary>
    public byte[] ToBytes()
    {
        var json = new StringBuilder("[");
        foreach (var entry in Entries)
        {
            if (json.Length > 1) json.Append(", ");
            json.Append("{\"md5\": \"").Append(entry.Md5).Append("\", \"relpath\": ");
            AppendString(json, entry.RelativePath);
            json.Append('}');
        }
        return Encoding.ASCII.GetBytes(json.Append(']').ToString());
    }

    private static bool IsInside(string path)
    {
        if (path.Contains('\0', StringComparison.Ordinal)) return false;
        foreach (var range in path.AsSpan().Split('/'))
            if (path.AsSpan(range) is "" or "." or "..") return false;
        return true;
    }

    private static string HashFile(string path)
    {
        using var file = File.OpenRead(path);
        return ArtifactHash.Of(file);
    }

    private static void AppendString(StringBuilder json, string text)
    {
        json.Append('"');
        for (var at = 0; at < text.Length; at++)
        {
            var plain = text.AsSpan(at).IndexOfAnyExcept(Plain);
            json.Append(text.AsSpan(at, plain < 0 ? text.Length - at : plain));
            if (plain < 0) break;
            var c = text[at += plain];
            _ = c switch
            {
                '"' => json.Append("\\\""),
                '\\' => json.Append("\\\\"),
                '\n' => json.Append("\\n"),
                '\r' => json.Append("\\r"),
                '\t' => json.Append("\\t"),
                '\b' => json.Append("\\b"),
                '\f' => json.Append("\\f"),
                _ => json.Append("\\u").Append(Digit(c >> 12)).Append(Digit(c >> 8)).Append(Digit(c >> 4)).Append(Digit(c)),
            };
        }
        json.Append('"');
    }

    private static char Digit(int value) => "0123456789abcdef"[value & 15];

    // Ordinal order compares UTF-16 units, in which U+1F600 (D83D DE00) sorts before U+FFEE; Python compares code points.
    private static int CompareCodePoints(string a, string b)
    {
        for (var i = 0; i < Math.Min(a.Length, b.Length); i++)
        {
            if (a[i] == b[i]) continue;
            bool aHigh = char.IsSurrogate(a[i]), bHigh = char.IsSurrogate(b[i]);
            return aHigh == bHigh ? a[i].CompareTo(b[i]) : aHigh ? 1 : -1;
        }
        return a.Length.CompareTo(b.Length);
    }
}
