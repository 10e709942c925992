using LipSol.Artifacts;

namespace LipSol.Corpus;

/// <summary>The corpus versions that lie in a store, whether or not anything names them any more.</summary>
internal static class StoredVersions
{
    private const int Head = 64;

    public static IEnumerable<(string DataHash, CorpusManifest Manifest)> Of(FolderArtifactStore store, Func<string, bool> wanted)
    {
        foreach (var hash in store.Files().Where(wanted))
        {
            if (!MayBeOne(store.PathOf(hash))) continue;
            CorpusManifest manifest;
            try
            {
                manifest = ManifestFile.Read(store.ReadBytes(hash));
            }
            catch (Exception e) when (e is InvalidDataException or ArtifactNotFoundException or ArtifactDamagedException)
            {
                continue;
            }
            yield return (hash, manifest);
        }
    }

    // As manifests are written: of most files the first bytes alone are read.
    private static bool MayBeOne(string path)
    {
        Span<byte> head = stackalloc byte[Head];
        try
        {
            using var file = File.OpenHandle(path);
            return head[..RandomAccess.Read(file, head, 0)].TrimStart("{ \r\n"u8).StartsWith("\"name\""u8);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }
}
