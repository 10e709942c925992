using System.Runtime.InteropServices;
using LipSol.Clips;
using LipSol.Corpus.Samples;
using LipSol.Language.Decoding;
using static TorchSharp.torch;

namespace LipSol.Models.Samples;

/// <summary>Batches of passages of about equal length (bucketed, so that little is padded), each cut and varied anew in each epoch.</summary>
/// <remarks>A batch holds about as many frames as <c>batch_size</c> clips of the usual length: more words than sentences.</remarks>
internal sealed class SentenceBatches : BatchLoader
{
    // So much do passages of one length mix with those of others: else the same ones would always meet.
    private const double Blur = 0.1;

    private readonly Curriculum curriculum;
    private readonly Alphabet alphabet;
    private readonly InputSpec spec;
    private readonly SentenceOptions sentences;
    private readonly AugmentationOptions augmentation;
    private readonly long seed;
    private readonly double budget;
    private (int Epoch, IReadOnlyList<(int Number, Passage Passage)[]> Batches) planned = (-1, []);
    private readonly Lock planning = new();

    public SentenceBatches(IReadOnlyList<SentenceExample> examples, Curriculum curriculum, Alphabet alphabet, InputSpec spec, SentenceOptions sentences, AugmentationOptions augmentation, int batchSize, long seed)
    {
        (this.curriculum, this.alphabet, this.spec, this.sentences, this.augmentation, this.seed) = (curriculum, alphabet, spec, sentences, augmentation, seed);
        budget = Math.Min(batchSize, examples.Count) * examples.Select(e => e.Clip.Length).Order().ElementAt(examples.Count / 2);
    }

    /// <inheritdoc/>
    public override int Steps(int epoch) => Plan(epoch).Count;

    /// <inheritdoc/>
    internal override SentenceBatch Make(int epoch, int step)
    {
        var chosen = Plan(epoch)[step];
        var letters = chosen.Select(c => alphabet.Encode(c.Passage.Text)).ToArray();
        var samples = chosen.Select((c, b) => new Sample(c.Passage, letters[b], new SeededRandom(seed, epoch, c.Number, 2), this)).ToArray();
        var frames = samples.Max(s => s.Frames);
        var area = spec.Size * spec.Size;
        var clip_BCTHW = zeros([samples.Length, 1, frames, spec.Size, spec.Size], dtype: ScalarType.Float32);
        var pixels = MemoryMarshal.Cast<byte, float>(clip_BCTHW.bytes);
        for (var b = 0; b < samples.Length; b++) samples[b].Write(pixels.Slice(b * frames * area, samples[b].Frames * area));
        return new SentenceBatch(clip_BCTHW, [.. samples.Select(s => (long)s.Frames)], letters, [.. samples.Select(s => s.Spoken)]);
    }

    // Both the training loop and the thread that makes batches ask.
    private IReadOnlyList<(int Number, Passage Passage)[]> Plan(int epoch)
    {
        lock (planning)
        {
            if (planned.Epoch == epoch) return planned.Batches;
            var random = new SeededRandom(seed, epoch, long.MinValue);
            var byLength = curriculum.Passages(epoch).Select((passage, number) => (number, passage, Key: passage.Length * random.Between(1 - Blur, 1 + Blur))).OrderByDescending(p => p.Key).ToArray();
            var batches = new List<(int, Passage)[]>();
            for (var i = 0; i < byLength.Length;)
            {
                var (count, longest) = (0, 0.0);
                while (i + count < byLength.Length && (count == 0 || Math.Max(longest, byLength[i + count].passage.Length) * (count + 1) <= budget))
                    longest = Math.Max(longest, byLength[i + count++].passage.Length);
                batches.Add([.. byLength.Skip(i).Take(count).Select(p => (p.number, p.passage))]);
                i += count;
            }
            random.Shuffle(CollectionsMarshal.AsSpan(batches));
            planned = (epoch, batches);
            return batches;
        }
    }

    /// <summary>A passage with its variation.</summary>
    private sealed class Sample
    {
        private readonly SentenceBatches batches;
        private readonly Passage passage;
        private readonly ClipView view;
        private readonly List<int>[] frames;
        private SeededRandom random;

        public Sample(Passage passage, int[] letters, SeededRandom random, SentenceBatches batches)
        {
            (this.passage, this.batches, this.random) = (passage, batches, random);
            view = Augmentation.View(batches.augmentation, batches.spec, ref this.random);
            var needed = SentenceModelCheck.FramesNeeded(letters);
            // Never fewer frames than CTC needs: a word of two frames is slowed down.
            var stretch = Math.Max(1 / view.Speed, needed / passage.Length);
            frames = [.. passage.Stretches.Select(s => FramesOf(s, stretch))];
            var spare = Frames - needed;
            foreach (var some in frames) Jitter(some, ref spare);
        }

        /// <summary>T.</summary>
        public int Frames => frames.Sum(f => f.Count);

        /// <summary>The frames in which letters may be written: from the first up to, not including, the second.</summary>
        public (int From, int To) Spoken
        {
            get
            {
                var slack = batches.sentences.Slack;
                if (slack < 0 || passage is not { SpokenFrom: { } start, SpokenTo: { } end }) return (0, Frames);
                return (frames[0].Count(t => t + 1 <= start - slack), Frames - frames[^1].Count(t => t >= end + slack));
            }
        }

        public void Write(Span<float> pixels_THW)
        {
            var (spec, done) = (batches.spec, 0);
            for (var i = 0; i < frames.Length; i++)
            {
                var part = pixels_THW.Slice(done, frames[i].Count * spec.Size * spec.Size);
                ClipInput.WriteFrames(passage.Stretches[i].Clip, spec, CollectionsMarshal.AsSpan(frames[i]), view, part);
                done += part.Length;
            }
            var seconds = (int)Math.Ceiling(Frames / passage.Stretches[0].Clip.FramesPerSecond);
            Augmentation.Blank(batches.augmentation, spec.Size, seconds, ref random, pixels_THW);
        }

        private static List<int> FramesOf(Stretch s, double stretch)
        {
            var count = Math.Max(1, (int)Math.Ceiling(s.Length * stretch - 1e-9));
            return [.. Enumerable.Range(0, count).Select(t => Math.Clamp((int)(s.Start + (t + 0.5) * s.Length / count), 0, s.Clip.Length - 1))];
        }

        private void Jitter(List<int> some, ref int spare)
        {
            for (var t = some.Count - 1; t >= 0; t--)
            {
                var draw = random.NextDouble();
                if (draw < batches.sentences.Jitter / 2) { some.Insert(t, some[t]); spare++; }
                else if (draw < batches.sentences.Jitter && spare > 0 && some.Count > 1) { some.RemoveAt(t); spare--; }
            }
        }
    }
}
