using LipSol.Clips;
using LipSol.Models.Prediction;
using LipSol.Models.Samples;

namespace LipSol.Models.Tests.Samples;

public sealed class BatchLoaderTests
{
    private static readonly InputSpec Spec = new() { Frames = 9, Resize = 12, Size = 10, Mean = 0.4, StandardDeviation = 0.25, MarksWord = true };

    private static readonly AugmentationOptions NoVariation = new() { Crop = false, Flip = 0, Speed = 0, TimeMask = 0, Brightness = 0 };
    private static readonly WordOptions Unmixed = new() { Shift = 0, Mixup = 0 };

    private static WordBatches Loader(long seed = 3, AugmentationOptions? augmentation = null, WordOptions? words = null, WordSpan? spotted = null) =>
        new([.. Examples().Select(e => e with { Spotted = spotted })], Labels, Spec, 5, words ?? new WordOptions(), augmentation ?? new AugmentationOptions { Erase = 0.3 }, batchSize: 4, seed);

    private static readonly int[] Labels = [.. Enumerable.Range(0, 14).Select(i => i % 5)];

    private static List<WordExample> Examples() => [.. Enumerable.Range(0, 14).Select(i =>
    {
        var pixels = new byte[15 * 12 * 12];
        new Random(i).NextBytes(pixels);
        return new WordExample($"{i}#0", "a", $"{i % 5}", new PooledClip(pixels, 12, 25), new WordSpan(4, 9), true);
    })];

    private static float[] Content(Batch batch) => Content((WordBatch)batch);

    private static float[] Content(WordBatch batch) => [.. batch.Clip_BCTHW.data<float>(), .. batch.Target_BV.data<float>()];

    [Fact]
    public void An_epoch_gone_on_with_in_the_middle_gives_the_batches_that_were_left()
    {
        var whole = new List<float[]>();
        foreach (var batch in Loader().Epoch(2)) using (batch) whole.Add(Content(batch));
        var rest = new List<float[]>();
        foreach (var batch in Loader().Epoch(2, first: 1)) using (batch) rest.Add(Content(batch));
        Assert.Equal(3, whole.Count);
        Assert.Equal(whole.Skip(1), rest);
    }

    [Fact]
    public void Variations_depend_on_seed_and_epoch()
    {
        using var a = Loader().Make(0, 0);
        using var same = Loader().Make(0, 0);
        using var otherSeed = Loader(seed: 4).Make(0, 0);
        using var otherEpoch = Loader().Make(1, 0);
        Assert.Equal(Content(a), Content(same));
        Assert.NotEqual(Content(a), Content(otherSeed));
        Assert.NotEqual(Content(a), Content(otherEpoch));
    }

    [Fact]
    public void An_epoch_takes_no_sample_twice()
    {
        var seen = new HashSet<string>();
        for (var step = 0; step < 3; step++)
        {
            using var batch = Loader(augmentation: NoVariation, words: Unmixed).Make(0, step);
            var clips = batch.Clip_BCTHW.data<float>().ToArray();
            foreach (var clip in clips.Chunk(Spec.Length)) Assert.True(seen.Add(string.Join(' ', clip.Take(50))));
        }
    }

    [Fact]
    public void Without_variation_training_sees_what_serving_sees()
    {
        using var batch = Loader(augmentation: NoVariation, words: Unmixed).Make(0, 0);
        var served = Examples().Select(e =>
        {
            var input = new float[Spec.Length];
            ClipInput.Write(e.Clip, Spec, e.Span, new ClipView(), input);
            return input;
        }).ToList();
        foreach (var clip in batch.Clip_BCTHW.data<float>().ToArray().Chunk(Spec.Length)) Assert.Contains(served, s => s.AsSpan().SequenceEqual(clip));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 12)]
    public void A_share_of_samples_is_marked_where_the_word_is_found(double share, int expected) => Assert.Equal(expected, FoundIn(share, new WordSpan(5, 7)));

    [Fact]
    public void Half_the_samples_are_marked_as_found_and_half_as_given() => Assert.InRange(FoundIn(0.5, new WordSpan(5, 7)), 2, 10);

    [Fact]
    public void A_found_word_that_serving_would_not_read_is_not_learnt() => Assert.Equal(0, FoundIn(1, new WordSpan(5, 6)));

    [Fact]
    public void Where_no_word_is_looked_for_samples_look_as_if_there_were_no_such_thing()
    {
        using var none = Loader(words: new WordOptions { Spotted = 0 }).Make(0, 0);
        using var all = Loader(words: new WordOptions { Spotted = 1 }).Make(0, 0);
        Assert.Equal(Content(none), Content(all));
    }

    // How many of an epoch's samples have two frames marked, as found, and not five, as given.
    private static int FoundIn(double share, WordSpan found)
    {
        var count = 0;
        foreach (var batch in Loader(augmentation: NoVariation, words: Unmixed with { Spotted = share }, spotted: found).Epoch(0))
            using (batch)
                foreach (var clip in ((WordBatch)batch).Clip_BCTHW.data<float>().ToArray().Chunk(Spec.Length))
                    if (clip.Skip(Spec.Length / 2).Count(mark => mark == 1) == 2 * Spec.Size * Spec.Size) count++;
        return count;
    }

    [Fact]
    public void Targets_sum_to_one_and_the_label_has_the_largest_share()
    {
        using var batch = Loader(words: new WordOptions { Mixup = 1 }).Make(0, 1);
        var targets = batch.Target_BV.data<float>().ToArray().Chunk(5).ToArray();
        for (var b = 0; b < targets.Length; b++)
        {
            Assert.Equal(1, targets[b].Sum(), 1e-5);
            Assert.Equal(targets[b].Max(), targets[b][batch.Label_B[b]]);
        }
    }

    [Fact]
    public void An_epoch_left_early_leaves_nothing_running()
    {
        foreach (var batch in Loader().Epoch(0)) { batch.Dispose(); break; }
        using var next = Loader().Make(0, 0);
        Assert.Equal(4, next.Label_B.Length);
    }

    [Fact]
    public void A_mixing_share_is_symmetric_around_a_half()
    {
        var random = new SeededRandom(5);
        var shares = Enumerable.Range(0, 20000).Select(_ => random.NextBeta(0.3)).ToList();
        Assert.All(shares, s => Assert.InRange(s, 0, 1));
        Assert.InRange(shares.Average(), 0.49, 0.51);
        Assert.InRange(shares.Average(s => (s - 0.5) * (s - 0.5)), 0.147, 0.166); // 1 / (4 (2a + 1)) = 0.156
    }

    [Fact]
    public void The_temperature_undoes_a_scale()
    {
        var random = new SeededRandom(1);
        var logits = Enumerable.Range(0, 4000).Select(_ => Enumerable.Range(0, 4).Select(_ => (float)(2 * random.NextGaussian())).ToArray()).ToList();
        var labels = logits.Select(l =>
        {
            var p = TemperatureScaling.Probabilities(l, 1);
            var draw = random.NextDouble();
            var v = 0;
            while (v < 3 && (draw -= p[v]) > 0) v++;
            return v;
        }).ToList();
        Assert.InRange(TemperatureScaling.Fit([.. logits.Select(l => l.Select(x => 3 * x).ToArray())], labels), 2.7, 3.3);
        Assert.Equal(1, TemperatureScaling.Fit([], []));
    }

    [Fact]
    public void A_flawless_val_does_not_make_confidence_certain()
    {
        var logits = Enumerable.Range(0, 48).Select(i => Enumerable.Range(0, 12).Select(v => v == i % 12 ? 4f : 0f).ToArray()).ToList();
        var temperature = TemperatureScaling.Fit(logits, [.. Enumerable.Range(0, 48).Select(i => i % 12)]);
        Assert.InRange(TemperatureScaling.Probabilities(logits[0], temperature)[0], 0.97, 0.99);
    }
}
