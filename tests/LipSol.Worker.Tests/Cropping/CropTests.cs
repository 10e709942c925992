using LipSol.Testing.Cluster.Processes;
using LipSol.Worker.Tests.Workers;
using LipSol.WorkerProtocol;

namespace LipSol.Worker.Tests.Cropping;

public sealed class CropTests : IDisposable
{
    private readonly TemporaryFolder scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task Good_clips_are_cropped_and_hostile_ones_refused_each_with_its_reason_and_in_the_order_asked_for()
    {
        var whole = await File.ReadAllBytesAsync(Workers.Clips.Talking(scratch["whole.avi"], 40), TestContext.Current.CancellationToken);
        var mp4 = await File.ReadAllBytesAsync(Workers.Clips.Talking(scratch["whole.mp4"], 40), TestContext.Current.CancellationToken);
        var urdu = Workers.Clips.Talking(scratch["میری آواز کی ویڈیو ۱.mp4"], 25);
        string[] asked =
        [
            urdu,
            scratch.Write("text.mp4", "This is not a video.\n"u8),
            scratch.Write("empty.mp4", []),
            scratch.Write("half.avi", whole.AsSpan(0, whole.Length / 2)),
            scratch.Write("half.mp4", mp4.AsSpan(0, mp4.Length / 2)),
            Workers.Clips.WithoutFace(scratch["wall.mp4"]),
            Workers.Clips.Talking(scratch["one frame.avi"], 1),
            scratch["nowhere.mp4"],
            scratch.Write("list.mp4", "#EXTM3U\n#EXTINF:10,\n/etc/passwd\n"u8),
        ];
        var (exit, said) = await RealWorker.RunAsync(new CropJob { Clips = asked, OutFolder = scratch["out"], Parallelism = 2 });
        Assert.True(exit.End == WorkerEnd.Completed, exit.Reason);
        var clips = Assert.IsType<CropResult>(exit.Result).Clips;

        Assert.Equal(asked, clips.Select(c => c.Path));
        Assert.Equal([null, "Undecodable", "Undecodable", null, "Undecodable", "NoFace", "TooShort", "Missing", "Undecodable"], clips.Select(c => c.RefusedReason));
        Assert.All(clips, c => Assert.Equal(c.RefusedReason is null, c.Out is not null));
        Assert.All(clips.Where(c => c.RefusedReason is not null), c => Assert.False(string.IsNullOrWhiteSpace(c.Refused)));
        // Each is told as it's done, and the same as in the result.
        Assert.Equal(clips.OrderBy(c => c.Path, StringComparer.Ordinal).Select(c => (c.Path, c.Frames, c.Refused)),
            said.Data.OfType<ClipCropped>().Select(m => m.Clip).OrderBy(c => c.Path, StringComparer.Ordinal).Select(c => (c.Path, c.Frames, c.Refused)));

        Assert.Equal("میری آواز کی ویڈیو ۱.npz", Path.GetFileName(clips[0].Out));
        Assert.Equal((25, 25, 25.0), (clips[0].Frames, clips[0].Tracked, clips[0].FramesPerSecond));
        Assert.Equal(25, Workers.Clips.Read(clips[0].Out!).Length);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], (await File.ReadAllBytesAsync(clips[0].Preview!, TestContext.Current.CancellationToken))[..4]);
        Assert.InRange(clips[3].Frames, 12, 28);
        Assert.Equal(4, Directory.GetFiles(scratch["out"]).Length);
    }

    [Fact]
    public async Task Clips_of_one_name_do_not_overwrite_each_other_and_previews_are_left_out_on_request()
    {
        Directory.CreateDirectory(scratch["a"]);
        Directory.CreateDirectory(scratch["b"]);
        string[] asked = [Workers.Clips.Talking(scratch["a/take.mp4"], 10), Workers.Clips.Talking(scratch["b/take.mp4"], 12), Workers.Clips.Talking(scratch["b/TAKE.avi"], 14)];
        var (exit, _) = await RealWorker.RunAsync(new CropJob { Clips = asked, OutFolder = scratch["out"], Previews = false });
        var clips = Assert.IsType<CropResult>(exit.Result).Clips;
        Assert.Equal(["take.npz", "take-2.npz", "TAKE-3.npz"], clips.Select(c => Path.GetFileName(c.Out)));
        Assert.Equal([10, 12, 14], clips.Select(c => Workers.Clips.Read(c.Out!).Length));
        Assert.Equal(3, Directory.GetFiles(scratch["out"]).Length);
    }

    [Fact]
    public async Task Limits_are_those_of_the_job()
    {
        var clip = Workers.Clips.Talking(scratch["clip.mp4"], 40);
        async Task<string?> ReasonAsync(ClipLimits limits) =>
            Assert.IsType<CropResult>((await RealWorker.RunAsync(new CropJob { Clips = [clip], OutFolder = scratch["out"], Limits = limits })).Exit.Result).Clips[0].RefusedReason;
        Assert.Equal("TooLong", await ReasonAsync(new() { Seconds = 1 }));
        Assert.Equal("TooLarge", await ReasonAsync(new() { Pixels = 1000 }));
        Assert.Equal("TimedOut", await ReasonAsync(new() { ProcessingSeconds = 0.001 }));
    }

    [Fact]
    public async Task A_stop_leaves_whole_files_only()
    {
        string[] clips = [Workers.Clips.Talking(scratch["short.mp4"], 10), .. Enumerable.Repeat(Workers.Clips.Talking(scratch["long.mp4"], 120), 39)];
        var said = new RecordingSink();
        await using var worker = await RealWorker.StartAsync(new CropJob { Clips = clips, OutFolder = scratch["out"], Parallelism = 2 }, said);
        await said.WaitForAsync<ClipCropped>();
        var exit = await worker.StopAsync("enough", TimeSpan.FromSeconds(30));
        Assert.Equal((WorkerEnd.Stopped, "enough", 0), (exit.End, exit.Reason, exit.ExitCode));
        Assert.InRange(said.Data.OfType<ClipCropped>().Count(), 1, 39);
        Assert.DoesNotContain(Directory.GetFiles(scratch["out"]), f => f.EndsWith(".part", StringComparison.Ordinal));
        Assert.All(Directory.GetFiles(scratch["out"], "*.npz"), f => Workers.Clips.Read(f));
    }

    [Fact]
    public async Task A_full_disk_fails_the_job_with_the_folder_named_and_leaves_no_half_files()
    {
        using var disk = SmallDisk.Mount(1024);
        var clips = Enumerable.Repeat(Workers.Clips.Talking(scratch["clip.mp4"], 40), 8).ToArray();
        var outFolder = Path.Combine(disk.Path, "out");
        var (exit, _) = await RealWorker.RunAsync(new CropJob { Clips = clips, OutFolder = outFolder, Parallelism = 2 });
        Assert.Equal((WorkerEnd.Failed, false), (exit.End, exit.BadInput));
        Assert.Contains("disk is full", exit.Reason);
        Assert.Contains(outFolder, exit.Reason);
        Assert.NotEmpty(Directory.GetFiles(outFolder));
        Assert.DoesNotContain(Directory.GetFiles(outFolder), f => f.EndsWith(".part", StringComparison.Ordinal));
        Assert.All(Directory.GetFiles(outFolder, "*.npz"), f => Workers.Clips.Read(f));
    }

    [Fact]
    public async Task A_folder_that_can_not_be_written_to_fails_the_job_and_is_named()
    {
        var taken = scratch.Write("taken", "a file"u8);
        var (exit, _) = await RealWorker.RunAsync(new CropJob { Clips = [Workers.Clips.Talking(scratch["clip.mp4"], 10)], OutFolder = taken });
        Assert.Equal(WorkerEnd.Failed, exit.End);
        Assert.Contains(taken, exit.Reason);
    }
}
