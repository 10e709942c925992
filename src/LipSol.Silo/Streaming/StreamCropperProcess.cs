using System.Globalization;
using LipSol.Clips;
using LipSol.Silo.Workers;
using LipSol.WorkerProtocol;

namespace LipSol.Silo.Streaming;

/// <summary>One process that crops streams, one at a time, watched for time and memory.</summary>
internal sealed class StreamCropperProcess : IWorkerSink, IAsyncDisposable
{
    private readonly StreamLimits limits;
    private readonly Lock gate = new();
    // One a stream: what waits for it is let go with the stream, though the process may serve many.
    private TaskCompletionSource<string> broken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? ended;
    private WorkerProcess? process;
    private TaskCompletionSource<string?>? beginning;
    private TaskCompletionSource? flushing;
    private Action<StreamCropped>? cropped;
    private CancellationTokenSource? overdue;
    private long stream;
    private int underWay;

    private StreamCropperProcess(StreamLimits limits) => this.limits = limits;

    public bool Alive => process is { Ended.IsCompleted: false };

    public int ProcessId => process!.ProcessId;

    public int UnderWay
    {
        get { lock (gate) return underWay; }
    }

    /// <summary>Completes where the process ends during the stream, with the reason.</summary>
    public Task<string> Broken
    {
        get { lock (gate) return broken.Task; }
    }

    public static async Task<StreamCropperProcess> StartAsync(StreamLimits limits, WorkersOptions options, CancellationToken cancellationToken)
    {
        var cropper = new StreamCropperProcess(limits);
        var started = options.Process with
        {
            MemoryLimit = limits.CropperMemory,
            Environment = new Dictionary<string, string>(options.Process.Environment)
            {
                ["DOTNET_GCHeapHardLimit"] = (limits.CropperMemory / 2).ToString("x", CultureInfo.InvariantCulture),
                // OpenCV looks at a picture's size before it decodes it; and one that is over the limit by little is told its size.
                ["OPENCV_IO_MAX_IMAGE_PIXELS"] = (2 * limits.Pixels).ToString(CultureInfo.InvariantCulture),
            },
        };
        cropper.process = await WorkerProcess.StartAsync(new StreamJob { Pixels = limits.Pixels }, started, cropper, cancellationToken);
        _ = cropper.process.Ended.ContinueWith(e => cropper.End(e.Result), TaskScheduler.Default);
        return cropper;
    }

    /// <summary>Begins a stream; null, or why it can't be cropped so.</summary>
    public async Task<string?> BeginAsync(CropSettings settings, Action<StreamCropped> told, CancellationToken cancellationToken)
    {
        var answer = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        long number;
        lock (gate)
        {
            (beginning, cropped, flushing, underWay) = (answer, told, null, 0);
            number = ++stream;
        }

        var gone = Broken;

        await SendAsync(new StreamBegin(number, settings.Size, settings.FramesPerSecond, settings.Extent, settings.Smoothing, settings.LandmarkModels));
        await Task.WhenAny((Task)answer.Task, gone).WaitAsync(limits.Cropping, cancellationToken);
        return answer.Task.IsCompleted ? await answer.Task : await gone;
    }

    public Task PushAsync(double seconds, byte[] picture)
    {
        long number;
        lock (gate)
        {
            number = stream;
            if (++underWay == 1) Due();
        }

        return SendAsync(new StreamPicture(number, seconds, picture));
    }

    /// <summary>Returns once the last crops were told.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        long number;
        lock (gate)
        {
            flushing = answer;
            number = stream;
        }

        await SendAsync(new StreamEnd(number));
        await Task.WhenAny(answer.Task, Broken).WaitAsync(limits.Cropping, cancellationToken);
    }

    /// <summary>What comes for the stream that it had is told to nobody any more.</summary>
    public void Leave()
    {
        lock (gate)
        {
            (cropped, beginning, flushing) = (null, null, null);
            overdue?.Dispose();
            overdue = null;
            if (ended is null) broken = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public Task OnDataAsync(DataMessage message)
    {
        Action<StreamCropped>? told;
        lock (gate)
        {
            switch (message)
            {
                case StreamBegun ready when ready.Stream == stream:
                    beginning?.TrySetResult(ready.Refused);
                    return Task.CompletedTask;
                case StreamCropped picture when picture.Stream == stream:
                    overdue?.Dispose();
                    overdue = null;
                    if (--underWay > 0) Due();
                    told = cropped;
                    told?.Invoke(picture);
                    return Task.CompletedTask;
                case StreamFlushed flushed when flushed.Stream == stream:
                    told = cropped;
                    told?.Invoke(new StreamCropped(flushed.Stream, flushed.Crops, 0, null, 0));
                    flushing?.TrySetResult();
                    return Task.CompletedTask;
                default:
                    return Task.CompletedTask;
            }
        }
    }

    public Task OnHeartbeatAsync(Heartbeat heartbeat) => Task.CompletedTask;

    public void OnLog(string line)
    {
        // Decoders are talkative about damaged pictures; what matters comes as the picture's refusal.
    }

    public async ValueTask DisposeAsync()
    {
        Leave();
        if (process is not null) await process.DisposeAsync();
    }

    private void End(WorkerExit exit)
    {
        lock (gate) broken.TrySetResult(ended = (exit.Reason ?? "it ended").Split('\n')[0]);
    }

    // What doesn't come back from native code is ended.
    private void Due()
    {
        overdue?.Dispose();
        overdue = new CancellationTokenSource(limits.Cropping);
        overdue.Token.Register(() => process?.Kill("a picture took too long"));
    }

    private async Task SendAsync(StreamRequest request)
    {
        try
        {
            await process!.SendAsync(request, CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            process!.Kill("its connection broke");
        }
    }
}
