using LipSol.Vision;
using LipSol.WorkerProtocol;

namespace LipSol.Worker.Cropping;

/// <summary>Crops uploads one after another until told to stop. The networks are loaded before the first comes.</summary>
internal static class UploadWork
{
    public static JobResult? Run(WorkerChannel channel, UploadJob job)
    {
        using var cropper = new MouthCropper();
        var done = 0;
        channel.Report(0, 0, "waiting");
        foreach (var upload in channel.Uploads(channel.StopRequested))
        {
            channel.Report(done, 0, "cropping");
            var clip = ClipCropping.Crop(cropper, upload.Path, upload.Out, null, job.Limits, upload.PicturesPerSecond, share => channel.Report(done, share, "cropping"), channel.StopRequested);
            channel.Send(new ClipCropped(clip));
            channel.Report(++done, 0, "waiting");
        }
        return null;
    }
}
