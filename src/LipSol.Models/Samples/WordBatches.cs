using System.Runtime.InteropServices;
using LipSol.Clips;
using LipSol.Models.Networks;
using LipSol.Models.Parameters;
using static TorchSharp.torch;

namespace LipSol.Models.Samples;

/// <summary>How words are made into samples.</summary>
public sealed record WordOptions
{
    /// <summary>Frames the network reads; 0: 29 where the corpus has word times, else the longest training clip and a little.</summary>
    [Parameter("frames", "frames the network reads; 0: by corpus", Least = 0, Most = 1000)]
    public int Frames { get; init; }
    /// <summary>Whether the word's own frames are marked; without effect where the corpus has no word times.</summary>
    [Parameter("mark_word", "mark the word's own frames")]
    public bool MarkWord { get; init; } = true;
    /// <summary>Share of samples whose span is the one serving would find without word times, instead of the given one; without effect on clips of several words, or where nothing is found.</summary>
    [Parameter("spotted", "share of samples marked where the word is found rather than where it is", Least = 0, Most = 1)]
    public double Spotted { get; init; } = 0.5;
    /// <summary>The window's middle varies by this many frames to either side.</summary>
    [Parameter("shift", "the window's middle varies by this many frames", Least = 0, Most = 20)]
    public double Shift { get; init; } = 1;
    /// <summary>Two samples are mixed with a share from Beta(a, a) (Zhang et al. 2018, https://arxiv.org/abs/1710.09412); 0 mixes none.</summary>
    [Parameter("mixup", "two samples are mixed with a share from Beta(a, a)", Least = 0, Most = 1)]
    public double Mixup { get; init; } = 0.3;
    /// <summary>Share of each target spread over all words (Szegedy et al. 2016, https://arxiv.org/abs/1512.00567).</summary>
    [Parameter("label_smoothing", "share of each target spread over all words", Least = 0, Most = 0.9)]
    public double LabelSmoothing { get; init; } = 0.1;
}

/// <summary>Words with their (smoothed, mixed) targets.</summary>
/// <param name="Clip_BCTHW">The network's input.</param>
/// <param name="Target_BV">The share of each word; rows sum to 1.</param>
/// <param name="Label_B">The word with the largest share.</param>
internal sealed class WordBatch(Tensor Clip_BCTHW, Tensor Target_BV, long[] Label_B) : Batch
{
    public Tensor Clip_BCTHW { get; } = Clip_BCTHW;

    public Tensor Target_BV { get; } = Target_BV;

    public long[] Label_B { get; } = Label_B;

    public override int Clips => Label_B.Length;

    /// <summary>The mean cross-entropy.</summary>
    public override BatchLoss Loss(Network network, Device device)
    {
        var logits_BV = network.call(Clip_BCTHW.to(device));
        var loss = -(Target_BV.to(device) * nn.functional.log_softmax(logits_BV, 1)).sum(1).mean();
        var guesses = logits_BV.argmax(1).cpu().data<long>();
        var right = 0;
        for (var b = 0; b < Label_B.Length; b++) if (guesses[b] == Label_B[b]) right++;
        return new BatchLoss(loss, right, Label_B.Length);
    }

    public override void Dispose()
    {
        Clip_BCTHW.Dispose();
        Target_BV.Dispose();
    }
}

/// <summary>Batches of words, each varied anew in each epoch.</summary>
internal sealed class WordBatches(IReadOnlyList<WordExample> examples, IReadOnlyList<int> labels, InputSpec spec, int classes, WordOptions words, AugmentationOptions augmentation, int batchSize, long seed) : BatchLoader
{
    private readonly int size = Math.Min(batchSize, examples.Count);

    /// <summary>Full batches; the samples left over come up in other epochs.</summary>
    public override int Steps(int epoch) => examples.Count / size;

    /// <inheritdoc/>
    internal override WordBatch Make(int epoch, int step)
    {
        var chosen = Order(epoch).AsSpan(step * size, size);
        var clip_BCTHW = empty([size, spec.Channels, spec.Frames, spec.Size, spec.Size], dtype: ScalarType.Float32);
        var target_BV = empty([size, classes], dtype: ScalarType.Float32);
        var clips = MemoryMarshal.Cast<byte, float>(clip_BCTHW.bytes);
        var targets = MemoryMarshal.Cast<byte, float>(target_BV.bytes);
        targets.Fill((float)(words.LabelSmoothing / classes));

        var pixels = spec.Frames * spec.Size * spec.Size;
        for (var b = 0; b < size; b++)
        {
            var example = examples[chosen[b]];
            var random = new SeededRandom(seed, epoch, chosen[b]);
            var clip_CTHW = clips.Slice(b * spec.Length, spec.Length);
            var view = Augmentation.View(augmentation, spec, ref random) with { Later = random.Between(-words.Shift, words.Shift) };
            // Only a sample with two spans draws: the others look as they would without this.
            var span = example.Spotted is { } found && spec.Reads(found) && random.NextDouble() < words.Spotted ? found : example.Span;
            ClipInput.Write(example.Clip, spec, span, view, clip_CTHW);
            Augmentation.Blank(augmentation, spec.Size, runs: 1, ref random, clip_CTHW[..pixels]);
            targets[b * classes + labels[chosen[b]]] += (float)(1 - words.LabelSmoothing);
        }
        var dominant = new long[size];
        for (var b = 0; b < size; b++) dominant[b] = labels[chosen[b]];
        if (words.Mixup > 0 && size > 1) Mix(new SeededRandom(seed, epoch, -1 - step), clips, targets);
        return new WordBatch(clip_BCTHW, target_BV, dominant);
    }

    // Neighbours (b, b + 1) trade shares: each keeps at least half, so its own label stays the dominant one.
    private void Mix(SeededRandom random, Span<float> clips, Span<float> targets)
    {
        for (var b = 0; b + 1 < size; b += 2)
        {
            var share = (float)random.NextBeta(words.Mixup);
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
