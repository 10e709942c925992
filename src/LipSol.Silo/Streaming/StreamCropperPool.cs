using LipSol.Clips;
using LipSol.Silo.Workers;
using LipSol.WorkerProtocol;

namespace LipSol.Silo.Streaming;

/// <summary>The processes of this node that crop streams: one a stream, started when one begins, some kept for the next. A picture that crashes, hangs or bloats one costs that stream and its process, nothing else.</summary>
internal sealed class StreamCropperPool(StreamLimits limits, WorkersOptions options, ILogger<StreamCropperPool> log) : IStreamCroppers, IHostedService, IAsyncDisposable
{
    private readonly Stack<StreamCropperProcess> kept = new();
    private readonly HashSet<StreamCropperProcess> lent = [];
    private readonly Lock gate = new();
    private readonly CancellationTokenSource closing = new();
    private int taken;
    private bool closed;

    public async Task<IStreamCropper> TakeAsync(CropSettings settings, Action<StreamCropped> cropped, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref taken) > limits.Croppers)
        {
            Interlocked.Decrement(ref taken);
            throw new StreamEnding("overloaded", $"{limits.Croppers} streams of pictures are read already, as many as this node crops at once. Try again in a little while, or crop the mouth yourself and send the crops.");
        }

        StreamCropperProcess? process = null;
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, closing.Token);
            process = await FindAsync(either.Token);
            if (await process.BeginAsync(settings, cropped, either.Token) is { } refused) throw new StreamEnding("no-cropper", refused);
            return new Lease(this, process);
        }
        catch (Exception e)
        {
            if (process is not null) await GiveBackAsync(process, reusable: e is StreamEnding);
            else Interlocked.Decrement(ref taken);
            throw e switch
            {
                WorkerStartException or FileNotFoundException or TimeoutException => new StreamEnding("no-cropper", $"No process that crops could be started: {e.Message.Split('\n')[0]}"),
                _ => e,
            };
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken) => await DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync();
        StreamCropperProcess[] ending;
        lock (gate)
        {
            closed = true;
            ending = [.. kept, .. lent];
            kept.Clear();
        }

        foreach (var process in ending) await process.DisposeAsync();
    }

    private async Task<StreamCropperProcess> FindAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            StreamCropperProcess? process;
            lock (gate)
            {
                ObjectDisposedException.ThrowIf(closed, this);
                if (!kept.TryPop(out process)) break;
                if (process.Alive)
                {
                    lent.Add(process);
                    return process;
                }
            }

            await process.DisposeAsync();
        }

        var started = await StreamCropperProcess.StartAsync(limits, options, cancellationToken);
        lock (gate)
        {
            if (!closed)
            {
                lent.Add(started);
                return started;
            }
        }

        await started.DisposeAsync();
        throw new OperationCanceledException(closing.Token);
    }

    private async Task GiveBackAsync(StreamCropperProcess process, bool reusable)
    {
        process.Leave();
        var keep = false;
        lock (gate)
        {
            lent.Remove(process);
            keep = reusable && !closed && process.Alive && kept.Count < limits.KeptCroppers;
            if (keep) kept.Push(process);
        }

        Interlocked.Decrement(ref taken);
        if (keep) return;
        if (process.Broken.IsCompletedSuccessfully && !closed) log.LogWarning("A process that crops a stream ended: {Reason}", await process.Broken);
        await process.DisposeAsync();
    }

    private sealed class Lease(StreamCropperPool pool, StreamCropperProcess process) : IStreamCropper
    {
        private int given;

        public int UnderWay => process.UnderWay;

        public Task<string> Broken => process.Broken;

        public Task PushAsync(double seconds, byte[] picture) => process.PushAsync(seconds, picture);

        public Task FinishAsync(CancellationToken cancellationToken) => process.FinishAsync(cancellationToken);

        public async ValueTask DisposeAsync()
        {
            // One that still works on pictures of a stream that is gone isn't kept: the next stream shouldn't wait for them.
            if (Interlocked.Exchange(ref given, 1) == 0) await pool.GiveBackAsync(process, reusable: process.UnderWay == 0);
        }
    }
}
