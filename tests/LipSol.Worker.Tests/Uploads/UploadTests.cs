using LipSol.Testing.Cluster.Processes;
using LipSol.Worker.Tests.Workers;
using LipSol.WorkerProtocol;

namespace LipSol.Worker.Tests.Uploads;

public sealed class UploadTests : IDisposable
{
    private readonly TemporaryFolder scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task One_worker_crops_uploads_one_after_another_and_a_hostile_one_harms_the_next_in_nothing()
    {
        var said = new RecordingSink();
        await using var worker = await RealWorker.StartAsync(new UploadJob { Limits = new ClipLimits { Seconds = 5, Pixels = 400 * 400, ProcessingSeconds = 20 } }, said);
        var good = Workers.Clips.Talking(scratch["اپنا کلپ.mp4"], 25);
        var whole = await File.ReadAllBytesAsync(good, TestContext.Current.CancellationToken);
        var noise = new byte[50_000];
        new Random(3).NextBytes(noise);
        (string Path, string? Reason)[] uploads =
        [
            (good, null),
            (scratch.Write("text.mp4", "no video"u8), "Undecodable"),
            (scratch.Write("empty.webm", []), "Undecodable"),
            (scratch.Write("noise.mpg", noise), "Undecodable"),
            (scratch.Write("half.mp4", whole.AsSpan(0, whole.Length / 2)), "Undecodable"),
            (Workers.Clips.WithoutFace(scratch["wall.mp4"]), "NoFace"),
            (Workers.Clips.Talking(scratch["one.mp4"], 1), "TooShort"),
            (Workers.Clips.Talking(scratch["long.mp4"], 200), "TooLong"),
            (scratch["gone.mp4"], "Missing"),
            (scratch.Write("playlist.mp4", "#EXTM3U\n/etc/passwd\n"u8), "Undecodable"),
            (good, null),
        ];
        for (var i = 0; i < uploads.Length; i++) await worker.SendAsync(new UploadRequest(uploads[i].Path, scratch[$"{i}.npz"]), TestContext.Current.CancellationToken);
        await said.WaitForAsync<ClipCropped>(m => m.Clip.Out == scratch[$"{uploads.Length - 1}.npz"]);

        var clips = said.Data.OfType<ClipCropped>().Select(m => m.Clip).ToArray();
        Assert.Equal(uploads, clips.Select(c => (c.Path, c.RefusedReason)));
        Assert.All(clips, c => Assert.Equal(c.Refused is null, c.Out is not null && File.Exists(c.Out)));
        // The same clip gives the same crop, whatever came between.
        Assert.Equal(await File.ReadAllBytesAsync(scratch["0.npz"], TestContext.Current.CancellationToken), await File.ReadAllBytesAsync(scratch[$"{uploads.Length - 1}.npz"], TestContext.Current.CancellationToken));
        Assert.Equal(25, Workers.Clips.Read(scratch["0.npz"]).Length);
        Assert.Equal(2, Directory.GetFiles(scratch.Path, "*.npz").Length);

        var exit = await worker.StopAsync("the node stops", TimeSpan.FromSeconds(30));
        Assert.Equal((WorkerEnd.Stopped, "the node stops", 0), (exit.End, exit.Reason, exit.ExitCode));
    }

    [Fact]
    public async Task An_upload_that_does_not_fit_on_the_disk_ends_the_worker_with_that_reason()
    {
        using var disk = SmallDisk.Mount(64);
        var said = new RecordingSink();
        await using var worker = await RealWorker.StartAsync(new UploadJob(), said);
        await worker.SendAsync(new UploadRequest(Workers.Clips.Talking(scratch["clip.mp4"], 25), Path.Combine(disk.Path, "clip.npz")), TestContext.Current.CancellationToken);
        var exit = await worker.Ended.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.Equal((WorkerEnd.Failed, false), (exit.End, exit.BadInput));
        Assert.Contains("disk is full", exit.Reason);
        Assert.Empty(Directory.GetFiles(disk.Path));
    }

    [Fact]
    public async Task Several_workers_at_once_do_not_disturb_each_other()
    {
        var clip = Workers.Clips.Talking(scratch["clip.mp4"], 15);
        await Task.WhenAll(Enumerable.Range(0, 3).Select(async i =>
        {
            var said = new RecordingSink();
            await using var worker = await RealWorker.StartAsync(new UploadJob(), said);
            await worker.SendAsync(new UploadRequest(clip, scratch[$"{i}.npz"]), TestContext.Current.CancellationToken);
            Assert.Null((await said.WaitForAsync<ClipCropped>()).Clip.Refused);
        }));
        Assert.Single(Enumerable.Range(0, 3).Select(i => Convert.ToHexString(File.ReadAllBytes(scratch[$"{i}.npz"]))).Distinct());
    }
}
