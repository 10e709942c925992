using System.Threading.Channels;

namespace LipSol.Inference;

/// <summary>Gathers reads that arrive while the network is busy into one batch: nobody waits for company, and a busy network does more at once.</summary>
/// <remarks>At most <c>capacity</c> clips wait; more are refused at once, so that callers can be told to come back rather than time out.</remarks>
public sealed class BatchingReader : IAsyncDisposable
{
    private readonly LoadedModel model;
    private readonly Channel<Waiting> queue;
    private readonly Task pump;
    private readonly int largestBatch;

    /// <summary>Takes the model over: it's disposed with the reader.</summary>
    public BatchingReader(LoadedModel model, int capacity = 256, int largestBatch = 32)
    {
        ArgumentNullException.ThrowIfNull(model);
        this.model = model;
        this.largestBatch = largestBatch;
        queue = Channel.CreateBounded<Waiting>(new BoundedChannelOptions(capacity) { SingleReader = true });
        pump = Task.Run(PumpAsync);
    }

    /// <summary>The model that reads.</summary>
    public LoadedModel Model => model;

    /// <summary>Reads a prepared clip.</summary>
    /// <exception cref="ReaderBusyException">Too many clips wait already.</exception>
    /// <exception cref="ObjectDisposedException">The reader was disposed before the clip was taken.</exception>
    public async Task<BatchedReading> ReadAsync(PreparedClip clip, CancellationToken cancellationToken)
    {
        var waiting = new Waiting(clip, cancellationToken);
        if (!queue.Writer.TryWrite(waiting))
            throw queue.Reader.Completion.IsCompleted || closed ? new ObjectDisposedException(nameof(BatchingReader), "The model was unloaded.") : new ReaderBusyException();
        return await waiting.Answer.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads what waits, then lets the model go.</summary>
    public async ValueTask DisposeAsync()
    {
        closed = true;
        queue.Writer.TryComplete();
        await pump.ConfigureAwait(false);
        model.Dispose();
    }

    private volatile bool closed;

    private async Task PumpAsync()
    {
        var batch = new List<Waiting>(largestBatch);
        while (await queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            batch.Clear();
            while (batch.Count < largestBatch && queue.Reader.TryRead(out var waiting))
                if (!waiting.Cancelled.IsCancellationRequested) batch.Add(waiting);
            if (batch.Count > 0) Answer(batch);
        }
    }

    private void Answer(List<Waiting> batch)
    {
        try
        {
            var started = TimeProvider.System.GetTimestamp();
            var readings = model.Read([.. batch.Select(w => w.Clip)]);
            var milliseconds = TimeProvider.System.GetElapsedTime(started).TotalMilliseconds;
            for (var b = 0; b < batch.Count; b++) batch[b].Answer.TrySetResult(new BatchedReading(readings[b], milliseconds, batch.Count));
        }
        catch (Exception e)
        {
            // Whatever the network threw belongs to the callers; the pump goes on for the next ones.
            foreach (var waiting in batch) waiting.Answer.TrySetException(e);
        }
    }

    private sealed record Waiting(PreparedClip Clip, CancellationToken Cancelled)
    {
        public TaskCompletionSource<BatchedReading> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>A reading with what it took.</summary>
/// <param name="Reading">What was read.</param>
/// <param name="Milliseconds">Time in the network, of the whole batch.</param>
/// <param name="BatchSize">Clips in the batch.</param>
public sealed record BatchedReading(ClipReading Reading, double Milliseconds, int BatchSize);

/// <summary>Too many clips wait for this model.</summary>
public sealed class ReaderBusyException() : Exception("Too many clips wait for this model. Try again in a moment.");
