using LipSol.Clips;
using LipSol.Silo.Transcriptions;

namespace LipSol.Silo.Workers;

/// <summary>Warm processes that crop uploads. A clip that crashes, hangs or bloats one costs that process, which is replaced, and the clip is refused.</summary>
internal sealed class ClipCropperPool : IClipCropper, IHostedService, IAsyncDisposable
{
    private readonly WorkersOptions options;
    private readonly ILogger<ClipCropperPool> logger;
    private readonly Turns free;
    private readonly Stack<CropperProcess> warm = new();
    private readonly Lock gate = new();
    private readonly CancellationTokenSource closing = new();
    private Task warming = Task.CompletedTask;
    private int waiting;
    private bool closed;

    public ClipCropperPool(WorkersOptions options, ILogger<ClipCropperPool> logger)
    {
        this.options = options;
        this.logger = logger;
        free = new Turns(options.Croppers);
    }

    /// <inheritdoc/>
    /// <exception cref="CropperBusyException">Too many uploads wait already, or this one waited until it was cancelled.</exception>
    public async Task<CroppedClip> CropAsync(CropOrder order, CancellationToken cancellationToken)
    {
        // What is done in bulk is bounded by whoever queues it.
        if (order.Bulk) return await CropInTurnAsync(order, cancellationToken);
        if (Interlocked.Increment(ref waiting) > options.WaitingUploads + options.Croppers)
        {
            Interlocked.Decrement(ref waiting);
            throw new CropperBusyException($"{options.WaitingUploads} uploads wait already. Send the clip again in a little while.");
        }
        try
        {
            return await CropInTurnAsync(order, cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }
    }

    /// <summary>Starts the first process, so that the first upload needn't wait for it.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        warming = WarmAsync();
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken) => await DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        // One that is still starting is given up and waited for: what outlived this program could be in any state.
        await closing.CancelAsync();
        List<CropperProcess> ending;
        lock (gate)
        {
            closed = true;
            ending = [.. warm];
            warm.Clear();
        }
        foreach (var cropper in ending) await cropper.DisposeAsync();
        await warming;
    }

    private async Task<CroppedClip> CropInTurnAsync(CropOrder order, CancellationToken cancellationToken)
    {
        await TurnAsync(order.Bulk, cancellationToken);
        try
        {
            return await CropWithAsync(order, cancellationToken);
        }
        finally
        {
            free.Release();
        }
    }

    private async Task TurnAsync(bool bulk, CancellationToken cancellationToken)
    {
        try
        {
            await free.WaitAsync(bulk, cancellationToken);
        }
        catch (OperationCanceledException e) when (!bulk)
        {
            // Nobody has looked at the clip yet: it's the node that is slow, and the same clip may be sent again.
            throw new CropperBusyException("The clip waited for its turn for too long: the node has more uploads than it can crop. Send it again in a little while.", e);
        }
    }

    private async Task<CroppedClip> CropWithAsync(CropOrder order, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(options.WorkFolder);
        var outPath = Path.Combine(options.WorkFolder, $"upload-{Guid.NewGuid():N}.npz");
        var cropper = await TakeAsync(cancellationToken);
        try
        {
            var clip = await cropper.CropAsync(order, outPath, cancellationToken);
            if (clip.Refused is { } refused)
                throw new UnusableClipException(Enum.TryParse<UnusableReason>(clip.RefusedReason, out var reason) ? reason : UnusableReason.Undecodable, Told(refused, order.Path));
            return new CroppedClip(await File.ReadAllBytesAsync(outPath, cancellationToken), clip.Frames, clip.Tracked, clip.FramesPerSecond)
            {
                Notes = clip.Notes,
                Decode = TimeSpan.FromMilliseconds(clip.Milliseconds?.Decode ?? 0),
                Track = TimeSpan.FromMilliseconds(clip.Milliseconds?.Track ?? 0),
                Crop = TimeSpan.FromMilliseconds(clip.Milliseconds?.Crop ?? 0),
            };
        }
        finally
        {
            File.Delete(outPath);
            await GiveBackAsync(cropper);
        }
    }

    // The file, or the folder of pictures, lies there for as long as it's read, under a name of ours: it tells the sender of several clips nothing.
    private static string Told(string refused, string path)
    {
        var name = Path.GetFileName(path);
        return refused.StartsWith(name + " ", StringComparison.Ordinal) ? "The clip" + refused[name.Length..]
            : refused.Replace($" of {name}", " of the clip", StringComparison.Ordinal).Replace($" in the folder {name}", " of the clip", StringComparison.Ordinal);
    }

    private async Task<CropperProcess> TakeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            CropperProcess? taken;
            lock (gate)
            {
                ObjectDisposedException.ThrowIf(closed, this);
                if (!warm.TryPop(out taken)) break;
            }
            if (taken.Alive) return taken;
            await taken.DisposeAsync();
        }
        return await CropperProcess.StartAsync(options, cancellationToken);
    }

    private async Task GiveBackAsync(CropperProcess cropper)
    {
        var keep = false;
        if (cropper.Alive && cropper.Clips < options.ClipsPerCropper)
        {
            lock (gate)
            {
                keep = !closed;
                if (keep) warm.Push(cropper);
            }
        }
        if (keep) return;
        if (!cropper.Alive) logger.LogWarning("A process that crops uploads ended on a clip; the next clip gets a new one");
        await cropper.DisposeAsync();
    }

    private async Task WarmAsync()
    {
        if (!free.TryTake()) return;
        try
        {
            await GiveBackAsync(await TakeAsync(closing.Token));
        }
        catch (Exception) when (closing.IsCancellationRequested)
        {
            // The node stops.
        }
        catch (Exception e)
        {
            logger.LogWarning("No process for cropping uploads could be started; mouth clips can be read, videos can't: {Reason}", e.Message);
        }
        finally
        {
            free.Release();
        }
    }
}

/// <summary>Too many uploads wait.</summary>
internal sealed class CropperBusyException(string message, Exception? inner = null) : Exception(message, inner);
