using System.Diagnostics;
using System.Text;
using LipSol.Client;
using LipSol.Clips;
using LipSol.Cluster.Tests.Nodes;

namespace LipSol.Cluster.Tests.Uploads;

/// <summary>Mouth clips are unpacked in the node itself: what a small file claims to be must cost it nothing.</summary>
public sealed class HostileMouthClipTests(ServingNode serving)
{
    private const long MemoryForUploads = 300L << 20;
    private const int Gigabyte = 1 << 30;

    [Fact]
    public async Task A_zip_bomb_or_an_absurd_header_is_refused_with_a_reason_and_costs_no_memory()
    {
        (string Name, byte[] Bytes)[] files =
        [
            ("a bomb", MouthClips.Bomb(Gigabyte, $"({Gigabyte / (96 * 96)}, 96, 96)")),
            ("a bomb that claims little", MouthClips.Bomb(Gigabyte, "(30, 96, 96)")),
            ("settings of a gigabyte", MouthClips.With("meta.json", stream => Repeat(stream, " ", Gigabyte))),
            ("settings that are one long text", MouthClips.With("meta.json", stream => { stream.Write("{\"x\":\""u8); Repeat(stream, "x", Gigabyte); })),
            ("a hundred thousand files", MouthClips.WithManyEntries(100_000)),
            ("negative shape", MouthClips.WithShape("(-30, -96, 96)")),
            ("shape beyond 64 bits", MouthClips.WithShape("(2147483647, 2147483647, 2147483647)")),
            ("shape beyond 32 bits", MouthClips.WithShape("(99999999999, 1, 1)")),
            ("a million frames of a pixel", MouthClips.Bomb(50_000_000, "(50000000, 1, 1)")),
            ("no frames", MouthClips.WithShape("(0, 96, 96)")),
            ("no shape", MouthClips.WithShape("None")),
            ("a flat shape", MouthClips.WithShape("(276480,)")),
            ("time that stands still", MouthClips.With("meta.json", stream => stream.Write(Encoding.UTF8.GetBytes("{\"FramesPerSecond\": 1e-300, \"Settings\": {}}")))),
            ("a video", "RIFF no mouth clip"u8.ToArray()),
        ];
        var node = LinuxProcess.Find(serving.Node.ProcessId);
        await AssertServesAsync();
        var before = node.PeakMemory;
        foreach (var (name, bytes) in files)
        {
            var since = Stopwatch.GetTimestamp();
            var refusal = await Assert.ThrowsAnyAsync<LipSolException>(() => serving.Client.Transcriptions.TranscribeAsync(new MemoryStream(bytes), "x.npz"));
            Assert.True((int?)refusal.Status is 413 or 422, $"{name}: {refusal.Status} {refusal.Message}");
            Assert.Equal((name, name.StartsWith("a bomb", StringComparison.Ordinal) ? "too-large" : "undecodable"), (name, refusal.Reason));
            Assert.Contains("lipsol crop", refusal.Message);
            Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(20), name);
        }
        Assert.True(node.PeakMemory - before < MemoryForUploads, $"{(node.PeakMemory - before) >> 20} MB were taken");
        await AssertServesAsync();
    }

    [Fact]
    public async Task A_mouth_clip_of_other_settings_says_which_ones()
    {
        var clip = MouthClipFile.ToBytes(BrightCorpus.Clip(0, seed: 3, settings: new CropSettings { Size = 64, LandmarkModels = "others" }));
        var refusal = await Assert.ThrowsAsync<LipSolRefusedException>(() => serving.Client.Transcriptions.TranscribeAsync(new MemoryStream(clip), "x.npz"));
        Assert.Equal("wrong-settings", refusal.Reason);
        Assert.Contains("size 64 instead of 96", refusal.Message);
    }

    private async Task AssertServesAsync() => Assert.NotEmpty((await serving.Client.Transcriptions.TranscribeAsync(new MemoryStream(MouthClips.Good()), "x.npz")).Text);

    private static void Repeat(Stream stream, string text, int times)
    {
        var many = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(text, 1 << 16)));
        for (var i = 0; i < times; i += many.Length) stream.Write(many);
    }
}
