using LipSol.Clips;
using LipSol.Models.Samples;

namespace LipSol.Models.Tests.Samples;

public sealed class CurriculumTests
{
    private static readonly SentenceOptions Plain = new() { WordEpochs = 2, PhraseEpochs = 4, Phrases = 0, Splice = 0 };

    private static SentenceExample Example(int n, bool timed = true, string speaker = "s")
    {
        // Word i of clip n is "n.i" and lies in frames 10 + 8 i to 16 + 8 i.
        var words = Enumerable.Range(0, 6).Select(i => new SpokenWord($"{n}.{i}", new WordSpan(10 + 8 * i, 16 + 8 * i))).ToArray();
        return new SentenceExample($"{n}", speaker, string.Join(' ', words.Select(w => w.Text)), new PooledClip(new byte[75], 1, 25), timed ? words : [], true);
    }

    private static readonly SentenceExample[] Five = [.. Enumerable.Range(0, 5).Select(n => Example(n))];

    private static int Longest(Curriculum curriculum, int epoch) => curriculum.Passages(epoch).Max(p => p.Text.Split(' ').Length);

    [Fact]
    public void Words_come_first_then_longer_and_longer_phrases_then_sentences()
    {
        var curriculum = new Curriculum(Five, Plain, seed: 1);
        Assert.Equal(6, curriculum.FirstWholeEpoch);
        var longest = Enumerable.Range(0, 8).Select(epoch => Longest(curriculum, epoch)).ToArray();
        Assert.Equal([1, 1], longest[..2]);
        Assert.All(longest[2..6], (n, i) => Assert.InRange(n, 1, i + 2 + 1));
        Assert.True(longest[5] > longest[2]);
        Assert.All(curriculum.Passages(6), p => Assert.Equal(new Stretch(p.Stretches[0].Clip, 0, 75), Assert.Single(p.Stretches)));
        Assert.Equal(Five.Select(e => e.Text), curriculum.Passages(6).Select(p => p.Text));
    }

    [Fact]
    public void Every_word_comes_once_an_epoch_with_its_own_frames()
    {
        var curriculum = new Curriculum(Five, Plain, seed: 1);
        for (var epoch = 0; epoch < 6; epoch++)
        {
            var passages = curriculum.Passages(epoch);
            Assert.Equal(Five.SelectMany(e => e.Words.Select(w => w.Text)), passages.SelectMany(p => p.Text.Split(' ')));
            foreach (var passage in passages)
            {
                var stretch = Assert.Single(passage.Stretches);
                var said = Five.SelectMany(e => e.Words).Where(w => passage.Text.Split(' ').Contains(w.Text)).ToArray();
                Assert.InRange(stretch.Start, said[0].Text.EndsWith(".0", StringComparison.Ordinal) ? 0 : said[0].Span.Start - 4, said[0].Span.Start);
                Assert.InRange(stretch.End, said[^1].Span.End, said[^1].Text.EndsWith(".5", StringComparison.Ordinal) ? 75 : said[^1].Span.End + 4);
            }
        }
    }

    [Fact]
    public void A_spliced_sentence_keeps_each_word_at_its_place_and_goes_on_with_the_speakers_own_clips()
    {
        SentenceExample[] two = [.. Five, .. Enumerable.Range(5, 5).Select(n => Example(n, speaker: "other"))];
        var curriculum = new Curriculum(two, Plain with { WordEpochs = 0, PhraseEpochs = 0, Splice = 0.5 }, seed: 1);
        var passages = curriculum.Passages(0);
        Assert.Contains(passages, p => p.Stretches.Count > 1);
        for (var i = 0; i < passages.Count; i++)
        {
            var words = passages[i].Text.Split(' ');
            Assert.Equal(["0", "1", "2", "3", "4", "5"], words.Select(w => w[^1..]));
            Assert.All(words, w => Assert.Equal(i < 5, w[0] < '5'));
            // The clips meet in the middle of the pause, so the whole is as long as one.
            Assert.Equal(75, passages[i].Length, 1e-9);
            Assert.Equal(1 + words.Zip(words.Skip(1)).Count(p => p.First[0] != p.Second[0]), passages[i].Stretches.Count);
        }
    }

    [Fact]
    public void What_an_epoch_learns_depends_on_seed_and_epoch()
    {
        static string Text(long seed, int epoch) => string.Join('|', new Curriculum(Five, new SentenceOptions(), seed).Passages(epoch).Select(p => $"{p.Text} {p.Stretches[0].Start}"));
        Assert.Equal(Text(1, 7), Text(1, 7));
        Assert.NotEqual(Text(1, 7), Text(2, 7));
        Assert.NotEqual(Text(1, 7), Text(1, 8));
    }

    [Fact]
    public void Clips_without_word_times_are_whole_from_the_first_epoch()
    {
        var curriculum = new Curriculum([Example(0, timed: false)], Plain, seed: 1);
        Assert.Equal(0, curriculum.FirstWholeEpoch);
        Assert.Equal(75, Assert.Single(curriculum.Passages(0)).Length);
    }
}
