using System.Buffers;
using System.Security.Cryptography;
using LipSol.Artifacts;

namespace LipSol.Corpus.Import;

/// <summary>A clip on disk: a video file, or a folder of numbered pictures.</summary>
internal static class ClipSource
{
    private static readonly string[] Pictures = [".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff"];

    public static bool IsInside(string relative) =>
        relative.Length > 0 && !Path.IsPathRooted(relative) && !relative.Contains(':', StringComparison.Ordinal) && !relative.Split('/').Contains("..");

    /// <summary>Why it can't be a clip, or null.</summary>
    public static string? Why(string path)
    {
        if (Directory.Exists(path))
        {
            return Directory.EnumerateFiles(path).Any(f => Pictures.Contains(Path.GetExtension(f).ToLowerInvariant())) ? null
                : "is a folder without pictures: a clip is a video, or a folder of numbered pictures";
        }
        return !File.Exists(path) ? "does not exist" : new FileInfo(path).Length == 0 ? "is empty" : null;
    }

    /// <summary>MD5 of a file, or of a folder's listing; the SHA-256 too when <paramref name="wantedSha256"/> is given and it is a file.</summary>
    public static string Hash(string path, string? wantedSha256, out string? sha256)
    {
        sha256 = null;
        if (string.IsNullOrEmpty(wantedSha256) || Directory.Exists(path)) return ArtifactHash.OfPath(path);
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var file = File.OpenRead(path);
        var buffer = ArrayPool<byte>.Shared.Rent(1 << 16);
        for (int read; (read = file.Read(buffer)) > 0;)
        {
            md5.AppendData(buffer, 0, read);
            sha.AppendData(buffer, 0, read);
        }
        ArrayPool<byte>.Shared.Return(buffer);
        sha256 = Convert.ToHexStringLower(sha.GetHashAndReset());
        return Convert.ToHexStringLower(md5.GetHashAndReset());
    }
}
