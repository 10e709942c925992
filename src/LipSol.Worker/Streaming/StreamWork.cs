using System.Diagnostics;
using LipSol.Clips;
using LipSol.Vision;
using LipSol.WorkerProtocol;

namespace LipSol.Worker.Streaming;

/// <summary>Crops the pictures of streams as they come until told to stop. The networks are loaded before the first comes.</summary>
internal static class StreamWork
{
    public static JobResult? Run(WorkerChannel channel, StreamJob job)
    {
        using var cropper = new CausalMouthCropper();
        var done = 0;
        var last = -1.0;
        channel.Report(0, 0, "waiting");
        foreach (var request in channel.Streams(channel.StopRequested))
        {
            switch (request)
            {
                case StreamBegin begin:
                    channel.Send(new StreamBegun(begin.Stream, Begin(cropper, begin)));
                    last = -1;
                    break;
                case StreamPicture picture:
                    channel.Send(Crop(cropper, picture, job.Pixels, ref last));
                    channel.Report(++done, 0, "cropping");
                    break;
                case StreamEnd end:
                    channel.Send(new StreamFlushed(end.Stream, Wire(cropper.Finish())));
                    break;
            }
        }

        return null;
    }

    private static string? Begin(CausalMouthCropper cropper, StreamBegin begin)
    {
        try
        {
            cropper.Begin(new CropSettings { Size = begin.Size, FramesPerSecond = begin.FramesPerSecond, Extent = begin.Extent, Smoothing = begin.Smoothing, LandmarkModels = begin.LandmarkModels });
            return null;
        }
        catch (Exception e) when (e is UnusableClipException or ArgumentException)
        {
            return e.Message;
        }
    }

    private static StreamCropped Crop(CausalMouthCropper cropper, StreamPicture picture, long pixels, ref double last)
    {
        var since = Stopwatch.GetTimestamp();
        try
        {
            if (picture.Seconds <= last) throw new UnusableClipException(UnusableReason.Undecodable, $"A picture is at {picture.Seconds:0.###} s, the one before at {last:0.###} s: times increase.");
            var crops = cropper.Push(picture.Picture, picture.Seconds, pixels);
            last = picture.Seconds;
            return new StreamCropped(picture.Stream, Wire(crops), cropper.Faces, null, Milliseconds());
        }
        catch (UnusableClipException e)
        {
            return new StreamCropped(picture.Stream, [], cropper.Faces, e.Message, Milliseconds());
        }

        double Milliseconds() => Stopwatch.GetElapsedTime(since).TotalMilliseconds;
    }

    private static MouthCrop[] Wire(IReadOnlyList<CausalCrop> crops) => [.. crops.Select(c => new MouthCrop(c.Number, c.Pixels, (byte)c.Quality.Source, c.Quality.Confidence))];
}
