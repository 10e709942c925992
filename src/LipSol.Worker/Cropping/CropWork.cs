using System.Diagnostics;
using LipSol.WorkerProtocol;

namespace LipSol.Worker.Cropping;

/// <summary>Crops many files, several at a time; tells each as it's done.</summary>
internal sealed class CropWork(WorkerChannel channel, CropJob job)
{
    public JobResult Run()
    {
        Directory.CreateDirectory(job.OutFolder);
        var names = OutNames.Of(job.Clips);
        var clips = new CroppedClip[job.Clips.Count];
        var since = Stopwatch.StartNew();
        var done = 0;
        using var croppers = new MouthCroppers();
        var options = new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, job.Parallelism), CancellationToken = channel.StopRequested };
        Parallel.For(0, clips.Length, options, i =>
        {
            var outPath = Path.Combine(job.OutFolder, names[i] + Clips.MouthClipFile.Extension);
            var preview = job.Previews ? Path.Combine(job.OutFolder, names[i] + ".png") : null;
            clips[i] = croppers.Use(cropper => ClipCropping.Crop(cropper, job.Clips[i], outPath, preview, job.Limits, 25, null, channel.StopRequested));
            channel.Send(new ClipCropped(clips[i]));
            var count = Interlocked.Increment(ref done);
            channel.Report(count, count / (double)clips.Length, "tracking");
        });
        return new CropResult(clips, since.Elapsed.TotalSeconds);
    }
}
