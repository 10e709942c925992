using System.Text.Json;
using LipSol.Artifacts;
using LipSol.Clips;

namespace LipSol.Corpus.Preparation;

/// <summary>What became of a recording: a mouth clip in the artifact store, or a refusal.</summary>
internal sealed record CropOutcome(string? MouthClip, int Frames, int TrackedFrames, UnusableReason? Reason, string? Refused);

/// <summary>Outcomes by (content of the recording, crop settings), refusals included, as small files in the data folder.</summary>
internal sealed class CropCache(string dataFolder, CropSettings settings, FolderArtifactStore artifacts)
{
    private readonly string _folder = Path.Combine(dataFolder, "cache", "crops", settings.Fingerprint());

    public CropOutcome? Find(string contentHash)
    {
        // Where it's absent or damaged, the clip is cropped again.
        var outcome = Read(PathOf(contentHash));
        return outcome is { MouthClip: { } hash } ? artifacts.Exists(hash) ? outcome : null : outcome is { Refused: not null } ? outcome : null;
    }

    public void Keep(string contentHash, CropOutcome outcome)
    {
        // A missing file or a slow machine is no property of the recording's bytes.
        if (outcome.Reason is UnusableReason.Missing or UnusableReason.TimedOut) return;
        var path = PathOf(contentHash);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        DurableFile.Replace(path, JsonSerializer.SerializeToUtf8Bytes(outcome));
    }

    /// <summary>Forgets what is known of these recordings, by whatever settings they were cropped.</summary>
    public static void Forget(string dataFolder, IEnumerable<string> contentHashes)
    {
        var crops = Path.Combine(dataFolder, "cache", "crops");
        if (!Directory.Exists(crops)) return;
        var folders = Directory.GetDirectories(crops);
        foreach (var hash in contentHashes)
            foreach (var folder in folders)
                if (Directory.Exists(Path.Combine(folder, ArtifactHash.Check(hash)[..2]))) File.Delete(Path.Combine(folder, hash[..2], hash[2..] + ".json"));
    }

    /// <summary>The mouth clips that were ever made of these recordings, by whatever settings: also those that no version names.</summary>
    public static IEnumerable<string> MouthClipsOf(string dataFolder, IEnumerable<string> contentHashes)
    {
        var crops = Path.Combine(dataFolder, "cache", "crops");
        if (!Directory.Exists(crops)) yield break;
        var folders = Directory.GetDirectories(crops);
        foreach (var hash in contentHashes)
            foreach (var folder in folders)
                if (Read(Path.Combine(folder, ArtifactHash.Check(hash)[..2], hash[2..] + ".json")) is { MouthClip: { } clip } && ArtifactHash.IsValid(clip)) yield return clip;
    }

    private static CropOutcome? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<CropOutcome>(File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }

    private string PathOf(string contentHash) => Path.Combine(_folder, ArtifactHash.Check(contentHash)[..2], contentHash[2..] + ".json");
}
