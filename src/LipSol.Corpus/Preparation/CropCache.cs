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
        try
        {
            var outcome = JsonSerializer.Deserialize<CropOutcome>(File.ReadAllBytes(PathOf(contentHash)));
            return outcome is { MouthClip: { } hash } ? artifacts.Exists(hash) ? outcome : null : outcome is { Refused: not null } ? outcome : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null; // absent or damaged: the clip is cropped again
        }
    }

    public void Keep(string contentHash, CropOutcome outcome)
    {
        // A missing file or a slow machine is no property of the recording's bytes.
        if (outcome.Reason is UnusableReason.Missing or UnusableReason.TimedOut) return;
        var path = PathOf(contentHash);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        DurableFile.Replace(path, JsonSerializer.SerializeToUtf8Bytes(outcome));
    }

    private string PathOf(string contentHash) => Path.Combine(_folder, ArtifactHash.Check(contentHash)[..2], contentHash[2..] + ".json");
}
