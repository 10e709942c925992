using LipSol.Clips;
using LipSol.Language.Decoding;
using LipSol.Models.Networks;
using LipSol.Models.Samples;

namespace LipSol.Models.Tests.Samples;

public sealed class SentenceBatchesTests
{
    private static readonly InputSpec Spec = new() { Frames = 40, Resize = 12, Size = 10, Mean = 0.4, StandardDeviation = 0.25 };
    private static readonly AugmentationOptions NoVariation = new() { Crop = false, Flip = 0, Speed = 0, TimeMask = 0, Brightness = 0 };
    private static readonly SentenceOptions Whole = new() { WordEpochs = 0, PhraseEpochs = 0, Phrases = 0, Splice = 0, Jitter = 0 };

    // Clips of 10 to 40 frames; "ab", "abab", … with a word of two letters every 8 frames.
    private static SentenceExample[] Examples() => [.. Enumerable.Range(0, 14).Select(i =>
    {
        var words = 1 + i % 4;
        var pixels = new byte[(4 + 9 * words) * 12 * 12];
        new Random(i).NextBytes(pixels);
        return new SentenceExample($"{i:00}", "s", string.Join(' ', Enumerable.Repeat("ab", words)), new PooledClip(pixels, 12, 25),
            [.. Enumerable.Range(0, words).Select(w => new SpokenWord("ab", new WordSpan(2 + 9 * w, 8 + 9 * w)))], true);
    })];

    private static SentenceBatches Batches(AugmentationOptions? augmentation = null, SentenceOptions? sentences = null, long seed = 3) =>
        new(Examples(), new Curriculum(Examples(), sentences ?? new SentenceOptions(), seed), Alphabet.From(["ab a"]), Spec, sentences ?? new SentenceOptions(), augmentation ?? new AugmentationOptions(), batchSize: 4, seed);

    private static float[] Content(SentenceBatch batch) => [.. batch.Clip_BCTHW.data<float>(), .. batch.Length_B.Select(l => (float)l), .. batch.Letters_B.SelectMany(l => l).Select(l => (float)l)];

    [Fact]
    public void Without_variation_training_sees_what_serving_sees_and_zeros_behind_it()
    {
        var batches = Batches(NoVariation, Whole);
        var served = Examples().ToDictionary(e => e.Clip.Length * 1000 + e.Clip.Frame(0)[0], e =>
        {
            var pixels = new float[e.Clip.Length * 100];
            ClipInput.WriteFrames(e.Clip, Spec, [.. Enumerable.Range(0, e.Clip.Length)], new ClipView(), pixels);
            return pixels;
        });
        var seen = 0;
        for (var step = 0; step < batches.Steps(0); step++)
        {
            using var batch = batches.Make(0, step);
            var frames = (int)batch.Clip_BCTHW.shape[2];
            Assert.Equal(batch.Length_B.Max(), frames);
            var pixels = batch.Clip_BCTHW.data<float>().ToArray();
            for (var b = 0; b < batch.Clips; b++, seen++)
            {
                var own = (int)batch.Length_B[b] * 100;
                var clip = pixels.AsSpan(b * frames * 100, frames * 100);
                Assert.Contains(served.Values, s => s.AsSpan().SequenceEqual(pixels.AsSpan(b * frames * 100, own)));
                Assert.True(clip[own..].IndexOfAnyExcept(0f) < 0);
            }
        }
        Assert.Equal(14, seen);
    }

    [Fact]
    public void Passages_of_a_batch_are_of_about_equal_length_and_few_long_ones_weigh_as_much_as_many_short_ones()
    {
        var batches = Batches(NoVariation, Whole);
        for (var step = 0; step < batches.Steps(0); step++)
        {
            using var batch = batches.Make(0, step);
            Assert.InRange((double)batch.Length_B.Sum() / (batch.Clips * batch.Length_B.Max()), 0.6, 1);
            Assert.InRange(batch.Clips * batch.Length_B.Max(), 1, 4 * 31);
        }
    }

    [Fact]
    public void Letters_may_be_written_where_the_words_are_and_nowhere_beside_them()
    {
        var (near, anywhere) = (Batches(NoVariation, Whole with { Slack = 1 }), Batches(NoVariation, Whole with { Slack = -1 }));
        for (var step = 0; step < near.Steps(0); step++)
        {
            using var batch = near.Make(0, step);
            using var free = anywhere.Make(0, step);
            for (var b = 0; b < batch.Clips; b++)
            {
                // Words from frame 2 to 8, 11 to 17 …, and five frames behind the last.
                Assert.Equal((1, (int)batch.Length_B[b] - 4), batch.Spoken_B[b]);
                Assert.Equal((0, (int)batch.Length_B[b]), free.Spoken_B[b]);
            }
        }
    }

    [Theory]
    [InlineData(0)] // words
    [InlineData(9)] // phrases
    [InlineData(30)] // sentences
    public void What_is_cut_and_spliced_has_room_for_its_letters_between_its_edges(int epoch)
    {
        var batches = Batches(sentences: new SentenceOptions { Splice = 0.5, Slack = 0 });
        for (var step = 0; step < batches.Steps(epoch); step++)
        {
            using var batch = batches.Make(epoch, step);
            for (var b = 0; b < batch.Clips; b++)
            {
                var (from, to) = batch.Spoken_B[b];
                Assert.InRange(from, 0, to - 1);
                Assert.InRange(to, from + 1, (int)batch.Length_B[b]);
                Assert.True(to - from >= batch.Letters_B[b].Length - 2, "so much of it is spoken");
            }
        }
    }

    [Fact]
    public void What_is_written_beside_the_words_costs()
    {
        using var _ = TorchSharp.torch.NewDisposeScope();
        using var network = NetworkRegistry.Create("char-tcn", new Dictionary<string, string>(), Spec with { MarksWord = false }, classes: 4);
        using var batch = Batches(NoVariation, Whole with { Slack = 0 }).Make(0, 0);
        using var free = Batches(NoVariation, Whole with { Slack = -1 }).Make(0, 0);
        network.eval();
        var (constrained, unconstrained) = (batch.Loss(network, TorchSharp.torch.CPU).Loss.item<float>(), free.Loss(network, TorchSharp.torch.CPU).Loss.item<float>());
        Assert.InRange(constrained, unconstrained + 0.1f, unconstrained + 100);
    }

    [Theory]
    [InlineData(0)] // words
    [InlineData(9)] // phrases
    [InlineData(30)] // sentences
    public void No_passage_is_shorter_than_ctc_needs(int epoch)
    {
        var batches = Batches(new AugmentationOptions { Speed = 0.5 }, new SentenceOptions { Jitter = 0.5 });
        for (var step = 0; step < batches.Steps(epoch); step++)
        {
            using var batch = batches.Make(epoch, step);
            for (var b = 0; b < batch.Clips; b++)
                Assert.True(batch.Length_B[b] >= LipSol.Corpus.Samples.SentenceModelCheck.FramesNeeded(batch.Letters_B[b]));
        }
    }

    [Fact]
    public void An_epoch_gone_on_with_in_the_middle_gives_the_batches_that_were_left()
    {
        var whole = new List<float[]>();
        foreach (var batch in Batches().Epoch(20)) using (batch) whole.Add(Content((SentenceBatch)batch));
        var rest = new List<float[]>();
        foreach (var batch in Batches().Epoch(20, first: 2)) using (batch) rest.Add(Content((SentenceBatch)batch));
        Assert.True(whole.Count > 2);
        Assert.Equal(whole.Skip(2), rest);
    }

    [Fact]
    public void Variations_depend_on_seed_and_epoch()
    {
        using var a = Batches().Make(20, 0);
        using var same = Batches().Make(20, 0);
        using var otherSeed = Batches(seed: 4).Make(20, 0);
        using var otherEpoch = Batches().Make(21, 0);
        Assert.Equal(Content(a), Content(same));
        Assert.NotEqual(Content(a), Content(otherSeed));
        Assert.NotEqual(Content(a), Content(otherEpoch));
    }
}
