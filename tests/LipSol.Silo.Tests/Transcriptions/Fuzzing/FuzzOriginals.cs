using LipSol.Clips;
using LipSol.Cluster.Tests.Uploads;
using Uploads = LipSol.Cluster.Tests.Uploads;
using LipSol.Inference.Tests.Networks;
using LipSol.Vision;
using OpenCvSharp;

namespace LipSol.Silo.Tests.Transcriptions.Fuzzing;

/// <summary>What is damaged: drawn videos, recordings of the GRID corpus where they are at hand, the pictures of one of them, and a mouth clip.</summary>
internal sealed class FuzzOriginals
{
    public FuzzOriginals(string folder)
    {
        var mp4 = Uploads.Videos.Talking(Path.Combine(folder, "a.mp4"), 20);
        Videos = [("a.mp4", File.ReadAllBytes(mp4)), ("b.avi", File.ReadAllBytes(Uploads.Videos.Talking(Path.Combine(folder, "b.avi"), 20))), .. Grid()];
        Jpegs = [.. JpegFrames.Of(mp4).Take(15)];
        Pngs = [.. Jpegs.Select(ToPng)];
    }

    public IReadOnlyList<(string Name, byte[] Bytes)> Videos { get; }

    public IReadOnlyList<byte[]> Jpegs { get; }

    public IReadOnlyList<byte[]> Pngs { get; }

    public byte[] MouthClip { get; } = MouthClipFile.ToBytes(BrightnessModel.Clip(100, settings: MouthCropper.DefaultSettings));

    /// <summary>Of these.</summary>
    public Damage Damage => new([.. Videos.Select(v => v.Bytes), MouthClip, Jpegs[0], Pngs[0]]);

    private static byte[] ToPng(byte[] jpeg)
    {
        using var picture = Cv2.ImDecode(jpeg, ImreadModes.Color);
        Cv2.ImEncode(".png", picture, out var png);
        return png;
    }

    private static IEnumerable<(string, byte[])> Grid()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (Path.Combine(at.FullName, "shared", "data", "grid") is var found && Directory.Exists(found))
                return Directory.EnumerateFiles(found, "*.mpg", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Take(4).Select(f => (Path.GetFileName(f), File.ReadAllBytes(f)));
        return [];
    }
}
