using LipSol.Cluster.Tests.Uploads;
using LipSol.Vision;
using LipSol.Worker.Tests.Workers;
using LipSol.WorkerProtocol;
using OpenCvSharp;
using FrameSource = LipSol.Clips.FrameSource;

namespace LipSol.Worker.Tests.Streaming;

public sealed class StreamTests : IDisposable
{
    private readonly TemporaryFolder scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task One_worker_crops_streams_one_after_another_and_hostile_pictures_harm_the_next_in_nothing()
    {
        var said = new RecordingSink();
        await using var worker = await RealWorker.StartAsync(new StreamJob { Pixels = 640 * 480 }, said);
        var pictures = JpegFrames.Of(Workers.Clips.Talking(scratch["clip.avi"], 20));
        var noise = new byte[50_000];
        new Random(3).NextBytes(noise);
        using var wide = new Mat(700, 1000, MatType.CV_8UC3, Scalar.All(90));
        Cv2.ImEncode(".png", wide, out var large);
        byte[][] hostile = [[], noise, [0xFF, 0xD8, 0xFF, .. noise], large];

        for (var stream = 1L; stream <= 2; stream++)
        {
            await SendAsync(worker, Begin(stream));
            for (var t = 0; t < pictures.Count; t++)
            {
                await SendAsync(worker, new StreamPicture(stream, t / 25.0, pictures[t]));
                if (stream == 2 && t < hostile.Length) await SendAsync(worker, new StreamPicture(stream, t / 25.0 + 0.01, hostile[t]));
            }

            await SendAsync(worker, new StreamPicture(stream, 0.1, pictures[0]));
            await SendAsync(worker, new StreamEnd(stream));
            await said.WaitForAsync<StreamFlushed>(m => m.Stream == stream);
        }

        Assert.All(said.Data.OfType<StreamBegun>(), b => Assert.Null(b.Refused));
        var refused = said.Data.OfType<StreamCropped>().Where(c => c.Refused is not null).ToList();
        Assert.Equal([1, 2, 2, 2, 2, 2], refused.Select(c => (int)c.Stream).Order());
        Assert.Contains(refused, c => c.Refused!.Contains("times increase"));
        Assert.Contains(refused, c => c.Refused!.Contains("1000×700"));
        var (first, second) = (Crops(said, 1), Crops(said, 2));
        Assert.Equal(Enumerable.Range(0, 20), first.Select(c => c.Number));
        Assert.All(first.Zip(second), p => Assert.Equal(p.First.Pixels, p.Second.Pixels));
        Assert.All(first, c => Assert.Equal(((byte)FrameSource.Tracked, 96 * 96), (c.Source, c.Pixels.Length)));

        var exit = await worker.StopAsync("the node stops", TimeSpan.FromSeconds(30));
        Assert.Equal((WorkerEnd.Stopped, 0), (exit.End, exit.ExitCode));
    }

    [Fact]
    public async Task Crops_of_other_landmark_models_are_refused_at_the_beginning()
    {
        var said = new RecordingSink();
        await using var worker = await RealWorker.StartAsync(new StreamJob(), said);
        await SendAsync(worker, Begin(1) with { LandmarkModels = new string('0', 32) });
        Assert.Contains("landmark models", (await said.WaitForAsync<StreamBegun>()).Refused);
        await SendAsync(worker, Begin(2) with { Size = 5000 });
        Assert.Contains("16 to 512", (await said.WaitForAsync<StreamBegun>(m => m.Stream == 2)).Refused);
        await SendAsync(worker, Begin(3));
        Assert.Null((await said.WaitForAsync<StreamBegun>(m => m.Stream == 3)).Refused);
    }

    private static StreamBegin Begin(long stream) => new(stream, 96, 25, 1.1, 1, MouthCropper.LandmarkModelsHash);

    private static Task SendAsync(WorkerProcess worker, StreamRequest request) => worker.SendAsync(request, TestContext.Current.CancellationToken);

    private static List<MouthCrop> Crops(RecordingSink said, long stream) =>
        [.. said.Data.OfType<StreamCropped>().Where(c => c.Stream == stream).SelectMany(c => c.Crops), .. said.Data.OfType<StreamFlushed>().Where(c => c.Stream == stream).SelectMany(c => c.Crops)];
}
