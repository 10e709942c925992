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
    private readonly System.Threading.Channels.Channel<MetricValue> points =
        System.Threading.Channels.Channel.CreateBounded<MetricValue>(new System.Threading.Channels.BoundedChannelOptions(MostWaiting) { SingleReader = true });
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
        var point = new MetricValue(name, step, value, time.GetUtcNow());
        if (!points.Writer.TryWrite(point)) points.Writer.WriteAsync(point).AsTask().GetAwaiter().GetResult();
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
        try
        {
            while (await points.Reader.WaitToReadAsync().ConfigureAwait(false))
            {
                using var due = new CancellationTokenSource(Interval, time);
                try
                {
                    while (batch.Count < LargestBatch) batch.Add(await points.Reader.ReadAsync(due.Token).ConfigureAwait(false));
                }
                catch (Exception e) when (e is OperationCanceledException or System.Threading.Channels.ChannelClosedException)
                {
                    // The interval is over, or no more points come: send what there is.
                }
                if (batch.Count == 0) continue;
                await send(new MetricBatch(++number, batch.ToArray())).ConfigureAwait(false);
                batch.Clear();
            }
        }
        catch (Exception e)
        {
            points.Writer.TryComplete(e);
            throw;
        }
    }
}
