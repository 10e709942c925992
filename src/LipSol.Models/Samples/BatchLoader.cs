using System.Collections.Concurrent;

namespace LipSol.Models.Samples;

/// <summary>Makes batches on a thread of its own while the network trains on those before. What they hold depends on (seed, epoch) alone.</summary>
internal abstract class BatchLoader : IBatchSource
{
    private const int Ahead = 3;

    /// <inheritdoc/>
    public abstract int Steps(int epoch);

    /// <inheritdoc/>
    public IEnumerable<Batch> Epoch(int epoch, int first = 0)
    {
        using var ready = new BlockingCollection<Batch>(Ahead);
        using var abandoned = new CancellationTokenSource();
        var making = Task.Factory.StartNew(() => MakeAll(epoch, first, ready, abandoned.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            foreach (var batch in ready.GetConsumingEnumerable()) yield return batch;
            making.GetAwaiter().GetResult(); // what went wrong while making goes wrong here
        }
        finally
        {
            abandoned.Cancel();
            ((IAsyncResult)making).AsyncWaitHandle.WaitOne();
            while (ready.TryTake(out var left)) left.Dispose();
        }
    }

    /// <summary>Batch <paramref name="step"/> of <paramref name="epoch"/>.</summary>
    internal abstract Batch Make(int epoch, int step);

    private void MakeAll(int epoch, int first, BlockingCollection<Batch> ready, CancellationToken abandoned)
    {
        try
        {
            var steps = Steps(epoch);
            for (var step = first; step < steps && !abandoned.IsCancellationRequested; step++)
            {
                var batch = Make(epoch, step);
                try
                {
                    ready.Add(batch, abandoned);
                }
                catch (OperationCanceledException)
                {
                    batch.Dispose();
                }
            }
        }
        finally
        {
            ready.CompleteAdding();
        }
    }
}
