using System.Collections.Concurrent;
using LipSol.Clips;
using LipSol.Silo.Transcriptions;
using LipSol.WorkerProtocol;

namespace LipSol.Silo.Workers;

/// <summary>One warm process that crops uploads, one at a time, watched for time and memory.</summary>
internal sealed class CropperProcess : IWorkerSink, IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource<WorkerProtocol.CroppedClip>> pending = new();
    private readonly WorkersOptions options;
    private WorkerProcess? process;
    private Action<double>? progress;

    private CropperProcess(WorkersOptions options) => this.options = options;

    public int Clips { get; private set; }

    public int ProcessId => process!.ProcessId;

    public bool Alive => process is { Ended.IsCompleted: false };

    public static async Task<CropperProcess> StartAsync(WorkersOptions options, CancellationToken cancellationToken)
    {
        var cropper = new CropperProcess(options);
        var limited = options.Process with
        {
            MemoryLimit = options.CropperMemory,
            // The managed heap's own limit (hexadecimal); native memory is watched from outside.
            Environment = new Dictionary<string, string>(options.Process.Environment) { ["DOTNET_GCHeapHardLimit"] = (options.CropperMemory / 2).ToString("x", System.Globalization.CultureInfo.InvariantCulture) },
        };
        cropper.process = await WorkerProcess.StartAsync(new UploadJob { Limits = options.Uploads }, limited, cropper, cancellationToken);
        return cropper;
    }

    /// <summary>Crops one file. Where it takes too long or too much memory, or crashes the process, the process is dead afterwards and the clip is refused.</summary>
    /// <exception cref="UnusableClipException">The clip can't be used.</exception>
    public async Task<WorkerProtocol.CroppedClip> CropAsync(CropOrder order, string outPath, CancellationToken cancellationToken)
    {
        var path = Path.GetFullPath(order.Path);
        Clips++;
        progress = order.Progress;
        var answer = new TaskCompletionSource<WorkerProtocol.CroppedClip>(TaskCreationOptions.RunContinuationsAsynchronously);
        pending[path] = answer;
        // The worker stops by itself at its limit; what doesn't come back from native code is ended a little later.
        var deadline = Task.Delay(TimeSpan.FromSeconds(options.Uploads.ProcessingSeconds + 5), CancellationToken.None);
        using var cancelled = cancellationToken.Register(() => process!.Kill("the upload was cancelled"));
        try
        {
            await process!.SendAsync(new UploadRequest(path, outPath) { PicturesPerSecond = order.PicturesPerSecond }, CancellationToken.None);
            if (await Task.WhenAny(answer.Task, process.Ended, deadline) == deadline) process.Kill("a clip took too long");
            // What it answered before it ended counts.
            if (answer.Task.IsCompleted) return await answer.Task;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            process!.Kill("its connection broke");
        }
        finally
        {
            progress = null;
            pending.TryRemove(path, out _);
        }
        cancellationToken.ThrowIfCancellationRequested();
        var exit = await process!.Ended;
        if (answer.Task.IsCompleted) return await answer.Task;
        if (exit.TooMuchMemory) throw new UnusableClipException(UnusableReason.TooLarge, $"Decoding the clip takes more than {options.CropperMemory >> 20} MB of memory. Send a smaller one.");
        if (exit.DiskFull) throw new Http.DiskFullException();
        if (deadline.IsCompleted) throw new UnusableClipException(UnusableReason.TimedOut, $"The clip could not be read within {options.Uploads.ProcessingSeconds:0.##} s. Send a shorter or smaller one.");
        throw new UnusableClipException(UnusableReason.Undecodable, $"The clip is damaged: the decoder ended on it ({(exit.Reason ?? "").Split('\n')[0]}). Nothing else was harmed.");
    }

    public Task OnDataAsync(DataMessage message)
    {
        if (message is ClipCropped { Clip: var clip } && pending.TryGetValue(clip.Path, out var answer)) answer.TrySetResult(clip);
        return Task.CompletedTask;
    }

    public Task OnHeartbeatAsync(Heartbeat heartbeat)
    {
        if (heartbeat is { Phase: "cropping", Progress: > 0 }) progress?.Invoke(heartbeat.Progress);
        return Task.CompletedTask;
    }

    public void OnLog(string line)
    {
        // FFmpeg is talkative about damaged files; what matters comes as the clip's refusal.
    }

    public async ValueTask DisposeAsync()
    {
        if (process is null) return;
        await process.DisposeAsync();
    }
}
