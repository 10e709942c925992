using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using LipSol.Clips;
using static TorchSharp.torch;

namespace LipSol.Models.Samples;

/// <summary>One step's samples.</summary>
/// <param name="Clip_BCTHW">The network's input.</param>
/// <param name="Target_BV">The share of each word; rows sum to 1.</param>
/// <param name="Label_B">The word with the largest share.</param>
internal sealed record Batch(Tensor Clip_BCTHW, Tensor Target_BV, long[] Label_B) : IDisposable
{
    public void Dispose()
    {
        Clip_BCTHW.Dispose();
        Target_BV.Dispose();
    }
}

/// <summary>Where training gets its batches.</summary>
internal interface IBatchSource
{
    /// <summary>Samples a batch.</summary>
    int BatchSize { get; }

    /// <summary>Batches an epoch.</summary>
    int StepsPerEpoch { get; }

    /// <summary>The batches of an epoch from the <paramref name="first"/> on. The caller disposes each.</summary>
    IEnumerable<Batch> Epoch(int epoch, int first = 0);
}

/// <summary>Makes batches on a thread of its own while the network trains on those before. What they hold depends on (seed, epoch) alone.</summary>
internal sealed class BatchLoader(IReadOnlyList<WordExample> examples, IReadOnlyList<int> labels, InputSpec spec, int classes, AugmentationOptions augmentation, double smoothing, int batchSize, long seed) : IBatchSource
{
    private const int Ahead = 3;

    /// <inheritdoc/>
    public int BatchSize { get; } = Math.Min(batchSize, examples.Count);

    /// <summary>Full batches an epoch; the samples left over come up in other epochs.</summary>
    public int StepsPerEpoch => examples.Count / BatchSize;

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

    private void MakeAll(int epoch, int first, BlockingCollection<Batch> ready, CancellationToken abandoned)
    {
        try
        {
            for (var step = first; step < StepsPerEpoch && !abandoned.IsCancellationRequested; step++)
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

    /// <summary>Batch <paramref name="step"/> of <paramref name="epoch"/>.</summary>
    internal Batch Make(int epoch, int step)
    {
        var size = BatchSize;
        var chosen = Order(epoch).AsSpan(step * size, size);
        var clip_BCTHW = empty([size, spec.Channels, spec.Frames, spec.Size, spec.Size], dtype: ScalarType.Float32);
        var target_BV = empty([size, classes], dtype: ScalarType.Float32);
        var clips = MemoryMarshal.Cast<byte, float>(clip_BCTHW.bytes);
        var targets = MemoryMarshal.Cast<byte, float>(target_BV.bytes);
        targets.Fill((float)(smoothing / classes));

        var pixels = spec.Frames * spec.Size * spec.Size;
        for (var b = 0; b < size; b++)
        {
            var example = examples[chosen[b]];
            var random = new SeededRandom(seed, epoch, chosen[b]);
            var clip_CTHW = clips.Slice(b * spec.Length, spec.Length);
            ClipInput.Write(example.Clip, spec, example.Span, Augmentation.View(augmentation, spec, ref random), clip_CTHW);
            Augmentation.Blank(augmentation, spec, ref random, clip_CTHW[..pixels]);
            targets[b * classes + labels[chosen[b]]] += (float)(1 - smoothing);
        }
        var dominant = new long[size];
        for (var b = 0; b < size; b++) dominant[b] = labels[chosen[b]];
        if (augmentation.Mixup > 0 && size > 1) Mix(new SeededRandom(seed, epoch, -1 - step), clips, targets, size);
        return new Batch(clip_BCTHW, target_BV, dominant);
    }

    // Neighbours (b, b + 1) trade shares: each keeps at least half, so its own label stays the dominant one.
    private void Mix(SeededRandom random, Span<float> clips, Span<float> targets, int size)
    {
        for (var b = 0; b + 1 < size; b += 2)
        {
            var share = (float)random.NextBeta(augmentation.Mixup);
            share = Math.Max(share, 1 - share);
            Mix(clips.Slice(b * spec.Length, spec.Length), clips.Slice((b + 1) * spec.Length, spec.Length), share);
            Mix(targets.Slice(b * classes, classes), targets.Slice((b + 1) * classes, classes), share);
        }
    }

    private static void Mix(Span<float> one, Span<float> other, float share)
    {
        for (var i = 0; i < one.Length; i++)
            (one[i], other[i]) = (share * one[i] + (1 - share) * other[i], share * other[i] + (1 - share) * one[i]);
    }

    private (int Epoch, int[] Order) shuffled = (-1, []);

    private int[] Order(int epoch)
    {
        if (shuffled.Epoch == epoch) return shuffled.Order;
        var order = Enumerable.Range(0, examples.Count).ToArray();
        new SeededRandom(seed, epoch, long.MinValue).Shuffle<int>(order);
        shuffled = (epoch, order);
        return order;
    }
}
