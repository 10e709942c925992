namespace LipSol.Inference;

/// <summary>Reads clips that come together in one pass through the network, clips of about the same length with each other, live ones before bulk ones.</summary>
/// <remarks>
/// A busy network does more at once; one that has nothing to do waits for company no longer than <see cref="BatchingSettings.Delay"/>. How many may wait is bounded by the time that they would wait: more are refused at once,
/// so that callers can be told when to come back rather than time out. A clip whose answer would be worth nothing any more is dropped before it's computed.
/// </remarks>
public sealed class BatchingReader : IAsyncDisposable
{
    private readonly Func<IReadOnlyList<PreparedClip>, IReadOnlyList<ClipReading>> read;
    private readonly BatchingSettings settings;
    private readonly TimeProvider time;
    private readonly long started;
    private readonly ClipQueue queue;
    private readonly ITimer companyIsLate;
    private readonly Task pumps;
    private readonly object gate = new();
    private int free;
    private bool closed;

    /// <summary>Takes the model over: it's disposed with the reader.</summary>
    public BatchingReader(LoadedModel model, BatchingSettings? settings = null, TimeProvider? time = null) : this(model, settings ?? new(), time ?? TimeProvider.System, null)
    {
    }

    internal BatchingReader(LoadedModel model, BatchingSettings settings, TimeProvider time, Func<IReadOnlyList<PreparedClip>, IReadOnlyList<ClipReading>>? read)
    {
        ArgumentNullException.ThrowIfNull(model);
        (Model, this.settings, this.time, this.read) = (model, settings, time, read ?? model.Read);
        started = time.GetTimestamp();
        queue = new ClipQueue(settings);
        companyIsLate = time.CreateTimer(_ => Wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        // Threads of their own: the pool's would all be in the network, and none left to take requests in and send answers out.
        pumps = Task.WhenAll(Enumerable.Range(0, settings.Passes).Select(_ => Task.Factory.StartNew(Pump, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
    }

    /// <summary>The model that reads.</summary>
    public LoadedModel Model { get; }

    /// <summary>Refuses, as <see cref="ReadAsync"/> would: for callers that would prepare a clip in vain.</summary>
    /// <exception cref="ReaderBusyException">Too many clips wait already.</exception>
    public void RequireRoom(bool bulk)
    {
        lock (gate) queue.RequireRoom(bulk);
    }

    /// <summary>Reads a prepared clip.</summary>
    /// <exception cref="ReaderBusyException">Too many clips wait already.</exception>
    /// <exception cref="ReadTooLateException">Its turn came too late, so it wasn't read.</exception>
    /// <exception cref="ObjectDisposedException">The reader was disposed before the clip was taken.</exception>
    public async Task<BatchedReading> ReadAsync(PreparedClip clip, ReadTerms terms = default, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(clip);
        return await Enqueue(clip, terms, cancellationToken).Answer.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads what waits, then lets the model go.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (gate) closed = true;
        Wake();
        await pumps.ConfigureAwait(false);
        await companyIsLate.DisposeAsync().ConfigureAwait(false);
        Model.Dispose();
        SessionMemory.Return();
    }

    private TimeSpan Now => time.GetElapsedTime(started);

    private WaitingClip Enqueue(PreparedClip clip, ReadTerms terms, CancellationToken cancellationToken)
    {
        var work = Model.Work(clip);
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(closed, this);
            queue.RequireRoom(terms.Bulk);
            var within = terms.Within is { } asked && asked < settings.Patience ? asked : settings.Patience;
            var waiting = new WaitingClip(clip, work, terms, Now, Now + within, cancellationToken);
            queue.Add(waiting);
            Monitor.Pulse(gate);
            return waiting;
        }
    }

    private void Wake()
    {
        lock (gate) Monitor.PulseAll(gate);
    }

    private void Pump()
    {
        while (Next() is { } batch) Answer(batch);
    }

    /// <summary>The next batch, once there is one; null when all is read and no more will come.</summary>
    private List<WaitingClip>? Next()
    {
        lock (gate)
        {
            free++;
            try
            {
                while (true)
                {
                    queue.DropExpired(Now);
                    if (queue.Count == 0 && closed) return null;
                    if (queue.Count > 0)
                    {
                        var wait = closed ? TimeSpan.Zero : queue.WaitsFor(Now);
                        if (wait == TimeSpan.Zero) return queue.Take(free);
                        companyIsLate.Change(wait, Timeout.InfiniteTimeSpan);
                    }
                    Monitor.Wait(gate);
                }
            }
            finally
            {
                free--;
            }
        }
    }

    private void Answer(List<WaitingClip> batch)
    {
        try
        {
            var taken = Now;
            var readings = read([.. batch.Select(w => w.Clip)]);
            var took = Now - taken;
            lock (gate) queue.Learn(batch, took);
            for (var b = 0; b < batch.Count; b++) batch[b].Succeed(new BatchedReading(readings[b], took.TotalMilliseconds, batch.Count) { WaitedMilliseconds = (taken - batch[b].Since).TotalMilliseconds });
        }
        catch (Exception e)
        {
            // Whatever the network threw belongs to the callers; the pump goes on for the next ones.
            foreach (var waiting in batch) waiting.Fail(e);
        }
    }
}

/// <summary>A reading with what it took.</summary>
/// <param name="Reading">What was read.</param>
/// <param name="Milliseconds">Time of its pass, from input tensors to texts, for the whole batch.</param>
/// <param name="BatchSize">Clips in the batch.</param>
public sealed record BatchedReading(ClipReading Reading, double Milliseconds, int BatchSize)
{
    /// <summary>How long the clip waited for its pass.</summary>
    public double WaitedMilliseconds { get; init; }
}
