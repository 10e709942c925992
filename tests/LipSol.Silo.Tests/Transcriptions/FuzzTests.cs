using System.Collections.Concurrent;
using System.Globalization;
using LipSol.Client;
using LipSol.Clips;
using LipSol.Cluster.Tests.Uploads;
using LipSol.Inference.Tests.Networks;
using LipSol.Silo.Tests.Nodes;
using LipSol.Vision;

namespace LipSol.Silo.Tests.Transcriptions;

/// <summary>Damaged clips through the node and its warm croppers: each is read or refused with a reason, nothing crashes, nothing is left.</summary>
public sealed class FuzzTests : IDisposable
{
    private const int Seed = 20261129;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public Task Fifty_damaged_clips_are_each_answered_with_a_reason() => FuzzAsync(50);

    /// <summary><c>LIPSOL_FUZZ_CLIPS</c> says how many, where it's set.</summary>
    [Fact, Trait("Category", "Long")]
    public Task Ten_thousand_damaged_clips_are_each_answered_with_a_reason_and_nothing_leaks() =>
        FuzzAsync(Environment.GetEnvironmentVariable("LIPSOL_FUZZ_CLIPS") is { } many ? int.Parse(many, CultureInfo.InvariantCulture) : 10_000);

    private async Task FuzzAsync(int inputs)
    {
        await using var node = await ServingTestNode.StartAsync(o => o with { Uploads = o.Uploads with { Bytes = 16 << 20, ProcessingSeconds = 10 } }, crops: true, model: m => m with { Crop = MouthCropper.DefaultSettings });
        var mutations = new ClipMutations(Originals(), Seed);
        var answers = new ConcurrentDictionary<string, int>();
        await node.Client.Transcriptions.TranscribeAsync(Videos.Talking(Path.Combine(folder.Path, "good.mp4")));
        long memoryAtTenth = 0;
        for (var part = 0; part < 10; part++)
        {
            await Parallel.ForAsync(part * inputs / 10, (part + 1) * inputs / 10, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = TestContext.Current.CancellationToken }, async (n, cancelled) =>
            {
                var (extension, bytes) = mutations.Make(n);
                var answer = await AnswerAsync(node, extension, bytes, n).WaitAsync(Longest, cancelled);
                answers.AddOrUpdate(answer, 1, (_, count) => count + 1);
            });
            if (part == 0) memoryAtTenth = Settled();
        }
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", answers.OrderByDescending(a => a.Value).Select(a => $"{a.Key} {a.Value}")));
        Assert.Equal(inputs, answers.Values.Sum());
        Assert.NotEmpty((await node.Client.Transcriptions.TranscribeAsync(Path.Combine(folder.Path, "good.mp4"))).Text);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(node.DataFolder, "uploads")));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(node.DataFolder, "work"), "upload-*"));
        if (inputs >= 1000) Assert.True(Settled() < memoryAtTenth + (100 << 20), $"memory grew from {memoryAtTenth >> 20} to {Settled() >> 20} MB");

        long Settled()
        {
            GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            using var process = System.Diagnostics.Process.GetCurrentProcess();
            return process.WorkingSet64;
        }
    }

    /// <summary>What became of a clip: <c>read</c>, or the reason of its refusal.</summary>
    private static async Task<string> AnswerAsync(TestNode node, string extension, byte[] bytes, int n)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await node.Client.Transcriptions.TranscribeAsync(new MemoryStream(bytes), string.Create(CultureInfo.InvariantCulture, $"fuzz-{n}{extension}"));
                return "read";
            }
            catch (LipSolRefusedException e)
            {
                Assert.True((int)e.Status! is 413 or 422, $"clip {n} of seed {Seed}: {e.Status} {e.Message}");
                Assert.False(string.IsNullOrWhiteSpace(e.Message) || string.IsNullOrWhiteSpace(e.Reason), $"clip {n} of seed {Seed}: no reason");
                Assert.DoesNotContain(node.DataFolder, e.Message);
                return e.Reason;
            }
            catch (LipSolOverloadedException) when (attempt < 20)
            {
                await Task.Delay(500);
            }
        }
    }

    private List<(string, byte[])> Originals()
    {
        var clips = new List<(string, byte[])>
        {
            ("a.mp4", File.ReadAllBytes(Videos.Talking(Path.Combine(folder.Path, "a.mp4"), 20))),
            ("b.avi", File.ReadAllBytes(Videos.Talking(Path.Combine(folder.Path, "b.avi"), 20))),
            ("d.npz", MouthClipFile.ToBytes(BrightnessModel.Clip(100, settings: MouthCropper.DefaultSettings))),
        };
        // Recordings of the GRID corpus, where they are at hand.
        if (GridFolder() is { } grid) clips.AddRange(Directory.EnumerateFiles(grid, "*.mpg", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Take(4).Select(f => (Path.GetFileName(f), File.ReadAllBytes(f))));
        return clips;
    }

    private static string? GridFolder()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (Path.Combine(at.FullName, "shared", "data", "grid") is var found && Directory.Exists(found)) return found;
        return null;
    }
}
