using LipSol.Cluster.Tests.Uploads;
using LipSol.Clips;
using LipSol.Silo.Http;
using LipSol.Silo.Workers;
using LipSol.Testing.Cluster.Processes;
using Microsoft.Extensions.Logging.Abstractions;

namespace LipSol.Silo.Tests.Workers;

/// <summary>The processes that crop uploads, with the real cropper in them.</summary>
public sealed class ClipCropperPoolTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_clip_that_takes_more_memory_than_it_may_costs_its_process_and_the_next_one_is_read()
    {
        // Between what a cropper of usual clips takes and what pictures of 33 million pixels do.
        await using var pool = Pool(o => o with { CropperMemory = 220L << 20, Uploads = o.Uploads with { Pixels = 7680 * 4320 } });
        var large = pool.CropAsync(new(Videos.Talking(Path("8k.avi"), 25, width: 7680, height: 4320)), TestContext.Current.CancellationToken);
        var cropper = await Eventually.FindAsync("process that decodes", Patience, () => Task.FromResult(LinuxProcess.ChildrenOf(Environment.ProcessId).Where(p => p.HasOpen("8k.avi")).Select(p => new Found(p)).FirstOrDefault()));
        var refusal = await Assert.ThrowsAsync<UnusableClipException>(() => large.WaitAsync(Patience));
        Assert.Contains("220 MB of memory", refusal.Message);
        Assert.Equal((413, "too-large"), Problems.Of(refusal) is { } problem ? (problem.Status, problem.Reason) : default);
        Assert.False(cropper.Process.IsAlive);
        Assert.Equal(30, (await pool.CropAsync(new(Videos.Talking(Path("good.mp4"))), TestContext.Current.CancellationToken)).Frames);
    }

    [Fact]
    public async Task A_refusal_does_not_name_the_file_in_which_the_clip_lies()
    {
        await using var pool = Pool(o => o with { Uploads = o.Uploads with { Seconds = 2 } });
        Assert.StartsWith("The clip is not a video", await RefusalAsync(Videos.Write(Path("clip.mp4"), "no video"u8)));
        Assert.StartsWith("The clip is 4 s long; at most 2 s", await RefusalAsync(Videos.Talking(Path("clip.avi"), 100)));
        Assert.Contains("30 frames of the clip. The face", await RefusalAsync(Videos.WithoutFace(Path("clip2.avi"))));
        Directory.CreateDirectory(Path("frames"));
        Videos.Write(Path("frames/000001.png"), "no picture"u8);
        Assert.StartsWith("000001.png of the clip is not a picture", await RefusalAsync(Path("frames")));

        async Task<string> RefusalAsync(string path) => (await Assert.ThrowsAsync<UnusableClipException>(() => pool.CropAsync(new(path), TestContext.Current.CancellationToken))).Message;
    }

    private string Path(string name) => System.IO.Path.Combine(folder.Path, name);

    private ClipCropperPool Pool(Func<WorkersOptions, WorkersOptions>? change = null)
    {
        var options = new WorkersOptions { DataFolder = Path("data"), ArtifactFolder = Path("artifacts"), CodeVersion = "test", Croppers = 1 };
        return new ClipCropperPool(change?.Invoke(options) ?? options, NullLogger<ClipCropperPool>.Instance);
    }

    private sealed record Found(LinuxProcess Process);
}
