namespace LipSol.WorkerProtocol;

/// <summary>Collects metric points and sends them in numbered batches: every 250 ms, or 500 points. Nothing is lost: where the host is slow, <see cref="Add"/> waits.</summary>
public sealed class MetricBatcher : IAsyncDisposable
{
    /// <summary>Most points of a batch.</summary>
    public const int LargestBatch = 500;

    /// <summary>Most points that wait before <see cref="Add"/> does.</summary>
    public const int MostWaiting = 20_000;

    /// <summary>How long a point waits for others.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly Func<MetricBatch, Task> send;
    private readonly TimeProvider time;
    private readonly System.Threading.Channels.Channel<Entry> points =
        System.Threading.Channels.Channel.CreateBounded<Entry>(new System.Threading.Channels.BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private readonly Task pump;

    /// <summary>Starts the pump.</summary>
    /// <param name="send">Sends a batch; the next is sent once it returns.</param>
    /// <param name="time">The clock.</param>
    public MetricBatcher(Func<MetricBatch, Task> send, TimeProvider? time = null)
    {
        this.send = send;
        this.time = time ?? TimeProvider.System;
        pump = Task.Run(PumpAsync);
    }

    /// <summary>Adds a point; waits where too many wait already.</summary>
    public void Add(string name, long step, double value)
    {
        var entry = new Entry(new MetricValue(name, step, value, time.GetUtcNow()), null);
        if (!points.Writer.TryWrite(entry)) points.Writer.WriteAsync(entry).AsTask().GetAwaiter().GetResult();
    }

    /// <summary>Sends what was added so far; returns once it's on its way. What is sent behind it then arrives behind it.</summary>
    public async Task FlushAsync()
    {
        var sent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await points.Writer.WriteAsync(new Entry(null, sent)).ConfigureAwait(false);
        await sent.Task.ConfigureAwait(false);
    }

    /// <summary>Sends what waits; returns once it's sent.</summary>
    public async ValueTask DisposeAsync()
    {
        points.Writer.TryComplete();
        await pump.ConfigureAwait(false);
    }

    private async Task PumpAsync()
    {
        var batch = new List<MetricValue>(LargestBatch);
        long number = 0;
        TaskCompletionSource? flush = null;
        try
        {
            while (await points.Reader.WaitToReadAsync().ConfigureAwait(false))
            {
                using var due = new CancellationTokenSource(Interval, time);
                try
                {
                    while (batch.Count < LargestBatch && flush is null)
                    {
                        var entry = await points.Reader.ReadAsync(due.Token).ConfigureAwait(false);
                        if (entry.Point is { } point) batch.Add(point);
                        flush = entry.Flush;
                    }
                }
                catch (Exception e) when (e is OperationCanceledException or System.Threading.Channels.ChannelClosedException)
                {
                    // The interval is over, or no more points come: send what there is.
                }
                if (batch.Count > 0) await send(new MetricBatch(++number, batch.ToArray())).ConfigureAwait(false);
                batch.Clear();
                flush?.SetResult();
                flush = null;
            }
        }
        catch (Exception e)
        {
            points.Writer.TryComplete(e);
            flush?.TrySetException(e);
            while (points.Reader.TryRead(out var left)) left.Flush?.TrySetException(e);
            throw;
        }
    }

    /// <summary>A point, or someone who waits until those before are sent.</summary>
    private readonly record struct Entry(MetricValue? Point, TaskCompletionSource? Flush);
}
