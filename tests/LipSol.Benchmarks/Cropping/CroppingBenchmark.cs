using LipSol.Benchmarks.Running;
using LipSol.Clips;
using LipSol.Vision;
using OpenCvSharp;

namespace LipSol.Benchmarks.Cropping;

/// <summary>Mouth clips from GRID's videos: frames a second for each core, against the same frames only decoded and put through the landmark network.</summary>
internal sealed class CroppingBenchmark : IBenchmark
{
    private const int Clips = 12;

    public string Name => "cropping";

    public string About => "mouth clips from GRID videos, frames a second for each core; against decoding and the landmark network alone";

    public async Task<BenchmarkReport> RunAsync(BenchmarkRun run)
    {
        var clips = Directory.EnumerateFiles(Path.Combine(run.GridFolder(), "s1", "video"), "*.mpg").Order(StringComparer.Ordinal).Where(Usable).Take(Clips).ToArray();
        if (clips.Length == 0) throw new BenchmarkDataException($"{run.GridFolder()} has no s1/video/*.mpg.");
        List<double> alone = [], each = [], reference = [], share = [];
        Crop(clips[..2]); // loads the networks and warms the code
        for (var i = 0; i < run.Repetitions; i++)
        {
            run.CancellationToken.ThrowIfCancellationRequested();
            run.Say($"cropping: repetition {i + 1} of {run.Repetitions}");
            var floor = Statistics.Rate(() => DecodeAndFindLandmarks(clips));
            var (frames, tracked) = (0L, 0L);
            var rate = Statistics.Rate(() => { (frames, tracked) = Crop(clips); return frames; });
            var together = await Statistics.RateAsync(() => CropOnAllCores(clips));
            reference.Add(floor);
            alone.Add(rate);
            each.Add(together / Environment.ProcessorCount);
            share.Add(100.0 * tracked / frames);
        }
        return new BenchmarkReport(Name,
        [
            Measured.Of("one core", alone, "frames/s"),
            Measured.Of($"each of {Environment.ProcessorCount} cores, all busy", each, "frames/s"),
            Measured.Of("reference: decode + one landmark network a frame, one core", reference, "frames/s"),
            Measured.Of("frames tracked", share, "%"),
        ],
        [
            new Ratio("one core / reference", Statistics.Median(alone.Zip(reference, (a, r) => a / r))),
            new Ratio("each core / 120 frames/s", Statistics.Median(each) / 120, AtLeast: 1),
        ]);
    }

    private static (long Frames, long Tracked) Crop(IEnumerable<string> clips)
    {
        using var cropper = new MouthCropper();
        var (frames, tracked) = (0L, 0L);
        foreach (var clip in clips)
        {
            var result = cropper.Crop(clip, MouthCropper.DefaultSettings);
            frames += result.SourceFrames;
            tracked += result.TrackedFrames;
        }
        return (frames, tracked);
    }

    private static async Task<long> CropOnAllCores(string[] clips)
    {
        // The same clips on every core: each does the work of the run on one core.
        var cores = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => Task.Run(() => Crop(clips).Frames));
        return (await Task.WhenAll(cores)).Sum();
    }

    /// <summary>The least that any tracker of this kind has to do: decode the frame, and run the landmark network on it once.</summary>
    private static long DecodeAndFindLandmarks(string[] clips)
    {
        using var landmarker = new FaceLandmarker();
        var mesh = new Point2f[FaceMesh.Points];
        var frames = 0L;
        foreach (var clip in clips)
        {
            using var video = ClipFrames.Open(clip, 25, new CropLimits());
            using var frame = new Mat();
            while (video.TryRead(frame, out _))
            {
                landmarker.Find(frame, new FaceRegion(new Point2f(frame.Width / 2f, frame.Height / 2f), frame.Height, 0), mesh);
                frames++;
            }
        }
        return frames;
    }

    private static bool Usable(string clip)
    {
        try
        {
            using var video = ClipFrames.Open(clip, 25, new CropLimits());
            return true;
        }
        catch (UnusableClipException)
        {
            return false;
        }
    }
}
