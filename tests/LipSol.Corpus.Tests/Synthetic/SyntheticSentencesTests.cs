using LipSol.Corpus.Synthetic;
using LipSol.Language.Lips;

namespace LipSol.Corpus.Tests.Synthetic;

public sealed class SyntheticSentencesTests
{
    private static readonly Lazy<SyntheticTake[]> All = new(() => [.. SyntheticScript.Takes(SyntheticCorpusOptions.OfSentences)]);

    [Fact]
    public void There_are_560_sentences_of_six_speakers_two_of_whom_are_only_tested()
    {
        Assert.Equal(560, All.Value.Length);
        Assert.Equal(560, SyntheticScript.Count(SyntheticCorpusOptions.OfSentences));
        Assert.Equal(560, All.Value.Select(t => t.Id).Distinct().Count());
        Assert.Equal((400, 40, 120), (All.Value.Count(t => t.Split == Split.Train), All.Value.Count(t => t.Split == Split.Val), All.Value.Count(t => t.Split == Split.Test)));
        Assert.All(All.Value.Where(t => !t.Speaker.Seen), t => Assert.Equal(Split.Test, t.Split));
        Assert.Equal(6, All.Value.Select(t => t.Speaker.Name).Distinct().Count());
    }

    [Fact]
    public void A_sentence_takes_one_word_of_each_slot_and_all_27_words_are_learnt_and_tested()
    {
        Assert.All(All.Value, t => Assert.All(t.Words.Zip(UrduLexicon.Slots), pair => Assert.Contains(pair.First.Word, pair.Second)));
        Assert.All(All.Value, t => Assert.Equal(6, t.Words.Count));
        foreach (var takes in All.Value.GroupBy(t => t.Split))
            Assert.Equal(UrduLexicon.Words.Order(StringComparer.Ordinal), takes.SelectMany(t => t.Words.Select(w => w.Word)).Distinct().Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(1, 7919)]
    [InlineData(5, 6)]
    public void No_sentence_of_val_or_test_is_ever_said_in_train(int seed, int testSeed)
    {
        var takes = SyntheticScript.Takes(SyntheticCorpusOptions.OfSentences with { Seed = seed, TestSeed = testSeed }).ToLookup(t => t.Split, t => t.Text);
        Assert.Empty(takes[Split.Train].Intersect(takes[Split.Test]));
        Assert.Empty(takes[Split.Train].Intersect(takes[Split.Val]));
        Assert.Empty(takes[Split.Val].Intersect(takes[Split.Test]));
        Assert.True(takes[Split.Test].Distinct().Count() > 100);
    }

    [Fact]
    public void Words_follow_each_other_within_the_clip_most_of_them_without_a_pause()
    {
        var pauses = 0;
        Assert.All(All.Value, take =>
        {
            Assert.InRange(take.Frames.Count, 50, 105);
            Assert.True(take.Start >= 0.23 && take.End <= (take.Frames.Count - 1) / 25.0 - 0.2, take.Id);
            Assert.All(take.Words, w => Assert.InRange(w.End - w.Start, 0.16, 0.75));
            for (var i = 1; i < 6; i++)
            {
                var pause = take.Words[i].Start - take.Words[i - 1].End;
                Assert.InRange(pause, 0, 0.25);
                if (pause > 0.01) pauses++;
            }
        });
        Assert.InRange(pauses / (560 * 5.0), 0.1, 0.2);
    }

    [Fact]
    public void The_letters_of_a_word_fit_into_its_frames() => Assert.All(All.Value.SelectMany(t => t.Words), w => Assert.True((w.End - w.Start) * 25 >= w.Word.Length, $"{w}"));

    [Fact]
    public void Neither_the_clips_length_nor_how_long_somebody_speaks_says_anything_about_the_sentence()
    {
        foreach (var (name, value) in new (string, Func<SyntheticTake, double>)[] { ("frames", t => t.Frames.Count), ("speech", t => t.End - t.Start), ("start", t => t.Start), ("light", t => t.Frames[0].Light) })
            for (var slot = 0; slot < 6; slot++)
            {
                var all = All.Value.Select(value).ToArray();
                var mean = all.Average();
                var within = All.Value.GroupBy(t => t.Words[slot].Word).Sum(g => g.Sum(t => Math.Pow(value(t) - g.Average(value), 2)));
                var explained = 1 - within / all.Sum(x => Math.Pow(x - mean, 2));
                Assert.True(explained < 0.05, $"{name} by the word of slot {slot + 1}: {explained}"); // 560 takes of 9 words: 0.014 for no influence, 99.9th percentile 0.046
            }
    }

    [Fact]
    public void A_word_runs_into_the_next()
    {
        // ہے at the end of the third word: spread before جی, open before ہاں.
        double[] Spread(string next) => [.. All.Value.Where(t => t.Words[3].Word == next && t.Words[3].Start - t.Words[2].End < 0.01)
            .Select(t => (double)t.Frames[(int)Math.Round((t.Words[2].End - 0.04) * 25)].Jaw)];
        Assert.True(Spread("ہاں").Average() > Spread("جی").Average() + 0.05, $"{Spread("ہاں").Average()} and {Spread("جی").Average()}");
    }

    [Fact]
    public void Equal_options_give_equal_takes_and_more_takes_change_none_of_those_there_were()
    {
        var more = SyntheticScript.Takes(SyntheticCorpusOptions.OfSentences with { TrainTakes = 101, TestTakes = 17 }).ToDictionary(t => t.Id);
        Assert.All(All.Value, t => Assert.Equal(t.Frames, more[t.Id].Frames));
        Assert.NotEqual(SyntheticCorpusOptions.OfSentences.Fingerprint(), (SyntheticCorpusOptions.OfSentences with { Sentences = false }).Fingerprint());
    }

    [Fact]
    public void Options_are_read_from_text()
    {
        var options = SyntheticCorpusOptions.From(new Dictionary<string, string> { ["takes"] = "3", ["sentences"] = "true" });
        Assert.Equal((true, 3, 30), (options.Sentences, options.TrainTakes, options.UnseenTakes));
        Assert.Throws<ArgumentException>(() => SyntheticCorpusOptions.From(new Dictionary<string, string> { ["words"] = "all", ["sentences"] = "true" }));
        Assert.Throws<ArgumentException>(() => SyntheticCorpusOptions.From(new Dictionary<string, string> { ["sentences"] = "yes" }));
    }
}
