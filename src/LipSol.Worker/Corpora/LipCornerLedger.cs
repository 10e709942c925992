using System.Text.Json;
using LipSol.Artifacts;
using LipSol.Vision;

namespace LipSol.Worker.Corpora;

/// <summary>How far the tracker's lip corners are from where they were drawn, clip by clip: kept beside the cache of mouth clips, so that it's known also for clips that aren't tracked again.</summary>
/// <remarks>Errors are shares of the drawn face's width; both corners of every tracked frame count.</remarks>
internal sealed class LipCornerLedger(string dataFolder, string tracker)
{
    private const double Close = 0.03;
    private readonly string folder = Path.Combine(dataFolder, "cache", "lip-corners");

    /// <summary>Keeps what was drawn.</summary>
    public void Drawn(string videoPath, IReadOnlyList<SyntheticFaceTruth> truth) =>
        Write(TruthPath(videoPath), JsonSerializer.SerializeToUtf8Bytes(truth.Select(t =>
            new Corners(t.LipCornerRight.X, t.LipCornerRight.Y, t.LipCornerLeft.X, t.LipCornerLeft.Y, t.FaceWidth))));

    /// <summary>Compares a tracked clip with what was drawn, where that is known.</summary>
    public void Tracked(string videoPath, IReadOnlyList<FaceObservation> faces)
    {
        var path = TruthPath(videoPath);
        if (!File.Exists(path)) return;
        var truth = JsonSerializer.Deserialize<Corners[]>(File.ReadAllBytes(path))!;
        var errors = faces.Where(f => f.Frame < truth.Length).SelectMany(f =>
        {
            var drawn = truth[f.Frame];
            return new[] { Distance(f.LipCornerRight.X - drawn.RightX, f.LipCornerRight.Y - drawn.RightY) / drawn.FaceWidth, Distance(f.LipCornerLeft.X - drawn.LeftX, f.LipCornerLeft.Y - drawn.LeftY) / drawn.FaceWidth };
        }).ToArray();
        if (errors.Length > 0) Write(ErrorPath(videoPath), JsonSerializer.SerializeToUtf8Bytes(new Errors(errors.Length, errors.Sum(), errors.Count(e => e <= Close), errors.Max())));
    }

    /// <summary>The figures over these clips; empty where none was compared.</summary>
    public Dictionary<string, double> Summary(IEnumerable<string> contentHashes)
    {
        var all = contentHashes.Select(hash => ErrorPathOf(hash)).Where(File.Exists).Select(path => JsonSerializer.Deserialize<Errors>(File.ReadAllBytes(path))!).ToArray();
        long count = all.Sum(e => (long)e.Count);
        return count == 0 ? [] : new Dictionary<string, double>
        {
            ["lip_corner_error_mean"] = all.Sum(e => e.Sum) / count,
            ["lip_corners_within_3_percent"] = all.Sum(e => (long)e.Close) / (double)count,
            ["lip_corner_error_worst"] = all.Max(e => e.Worst),
        };
    }

    private string TruthPath(string videoPath) => Path.Combine(folder, ArtifactHash.OfPath(videoPath) + ".drawn.json");

    private string ErrorPath(string videoPath) => ErrorPathOf(ArtifactHash.OfPath(videoPath));

    private string ErrorPathOf(string contentHash) => Path.Combine(folder, $"{contentHash}.{tracker}.json");

    private void Write(string path, byte[] content)
    {
        Directory.CreateDirectory(folder);
        var unfinished = $"{path}.{Guid.NewGuid():N}";
        File.WriteAllBytes(unfinished, content);
        File.Move(unfinished, path, overwrite: true);
    }

    private static double Distance(double x, double y) => Math.Sqrt(x * x + y * y);

    private sealed record Corners(float RightX, float RightY, float LeftX, float LeftY, float FaceWidth);

    private sealed record Errors(int Count, double Sum, int Close, double Worst);
}
