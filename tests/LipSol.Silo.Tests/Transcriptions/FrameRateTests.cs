using LipSol.Client;
using LipSol.Clips;
using LipSol.Silo.Tests.Nodes;
using LipSol.Vision;
using OpenCvSharp;

namespace LipSol.Silo.Tests.Transcriptions;

/// <summary>The same speech at other frame rates, from a file to the answer: what the model sees is what it sees at 25 frames a second.</summary>
public sealed class FrameRateTests : IDisposable
{
    private const double Seconds = 1.2;
    private static readonly SyntheticFace Speaker = new() { Aspect = 0.75, Scale = 0.62 };
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Clips_at_10_and_23976_and_60_and_120_frames_a_second_and_pictures_are_read_as_the_same_speech()
    {
        await using var node = await ServingTestNode.StartAsync(o => o with { Uploads = o.Uploads with { Bytes = 16 << 20, ProcessingSeconds = 30 } }, crops: true, model: m => m with { Crop = MouthCropper.DefaultSettings });
        var (reference, usual) = await ReadAsync(node, 25);
        foreach (var (rate, most) in new[] { (10.0, 14.0), (24000 / 1001.0, 6), (60, 4), (120, 4) })
        {
            var (read, mouth) = await ReadAsync(node, rate);
            Assert.Equal((rate, reference.Text), (rate, read.Text));
            Assert.Equal((0.4, 0.8), (read.Words[0].Start, read.Words[0].End));
            AssertSame(usual, mouth, rate, most);
        }
        var pictures = await node.Client.Transcriptions.TranscribeFramesAsync(Pictures(50), 50, Options);
        Assert.Equal(reference.Text, pictures.Text);
        AssertSame(usual, Kept(node, pictures), 50, 4);
    }

    private static TranscriptionOptions Options => new() { Start = 0.4, End = 0.8, KeepClip = true };

    private async Task<(Transcription, MouthClip)> ReadAsync(TestNode node, double rate)
    {
        var path = Path.Combine(folder.Path, $"{rate:0}.avi");
        SyntheticVideo.Write(path, Speaker, Enumerable.Range(0, (int)Math.Round(Seconds * rate)).Select(i => At(i / rate)), rate, 320, 240);
        var read = await node.Client.Transcriptions.TranscribeAsync(path, Options);
        return (read, Kept(node, read));
    }

    private static MouthClip Kept(TestNode node, Transcription read)
    {
        Assert.InRange(read.Provenance.FramesTracked, 0.9, 1);
        return MouthClipFile.Read(new MemoryStream(node.Artifacts.ReadBytes(read.MouthClip!)));
    }

    private static void AssertSame(MouthClip expected, MouthClip found, double rate, double most)
    {
        Assert.Equal((rate, 25.0, 30), (rate, found.FramesPerSecond, found.Length));
        var (one, other) = (expected.Frames_THW, found.Frames_THW);
        var difference = Enumerable.Range(0, one.Length).Average(i => Math.Abs(one[i] - other[i]));
        Assert.True(difference < most, $"At {rate:0.###} frames a second the mouth clip differs by {difference:0.0} grey levels.");
    }

    private string[] Pictures(double rate)
    {
        using var renderer = new SyntheticFaceRenderer();
        using var picture = new Mat(240, 320, MatType.CV_8UC3);
        return [.. Enumerable.Range(0, (int)Math.Round(Seconds * rate)).Select(i =>
        {
            renderer.Draw(Speaker, At(i / rate), picture, 1);
            var path = Path.Combine(folder.Path, $"{i}.jpg");
            Cv2.ImWrite(path, picture);
            return path;
        })];
    }

    // Slow enough for 10 frames a second to follow.
    private static SyntheticFaceFrame At(double seconds) => new() { Opening = 0.5 - 0.5 * Math.Cos(2 * Math.PI * seconds), Jaw = 0.3 - 0.3 * Math.Cos(2 * Math.PI * seconds) };
}
