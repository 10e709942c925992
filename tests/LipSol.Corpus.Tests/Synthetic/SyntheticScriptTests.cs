using LipSol.Corpus.Synthetic;
using LipSol.Language.Lips;

namespace LipSol.Corpus.Tests.Synthetic;

public sealed class SyntheticScriptTests
{
    private static readonly Lazy<SyntheticTake[]> Demo = new(() => [.. SyntheticScript.Takes(new SyntheticCorpusOptions())]);

    [Fact]
    public void The_demo_has_six_speakers_twelve_words_and_600_takes()
    {
        var takes = Demo.Value;
        Assert.Equal(600, takes.Length);
        Assert.Equal(600, SyntheticScript.Count(new SyntheticCorpusOptions()));
        Assert.Equal(600, takes.Select(t => t.Id).Distinct().Count());
        Assert.Equal(12, takes.Select(t => t.Text).Distinct().Count());
        Assert.Equal((384, 48, 168), (takes.Count(t => t.Split == Split.Train), takes.Count(t => t.Split == Split.Val), takes.Count(t => t.Split == Split.Test)));
        Assert.All(takes.Where(t => !t.Speaker.Seen), t => Assert.Equal(Split.Test, t.Split));
        Assert.Equal(6, takes.Select(t => t.Speaker.Face).Distinct().Count());
        Assert.All(UrduLexicon.Slots, slot => Assert.Contains(slot, word => SyntheticCorpusOptions.DemoWords.Contains(word)));
    }

    [Fact]
    public void The_demos_words_are_told_apart_by_the_lips_and_the_27_hold_pairs_that_are_not()
    {
        Assert.Empty(Homophenes.Groups(SyntheticCorpusOptions.DemoWords));
        Assert.All(Homophenes.Pairs(SyntheticCorpusOptions.DemoWords, 0), pair => Assert.True(pair.Similarity < 0.65, pair.ToString()));
        Assert.NotEmpty(Homophenes.Groups(UrduLexicon.Words));
    }

    [Fact]
    public void Equal_options_give_equal_takes_and_other_seeds_others()
    {
        Assert.All(Demo.Value.Zip(SyntheticScript.Takes(new SyntheticCorpusOptions())), pair => Assert.Equal(pair.First.Frames, pair.Second.Frames));
        var reseeded = SyntheticScript.Takes(new SyntheticCorpusOptions { TestSeed = 3 }).ToArray();
        Assert.All(Demo.Value.Zip(reseeded), pair =>
        {
            Assert.Equal(pair.First.Speaker, pair.Second.Speaker);
            Assert.Equal(pair.First.Split != Split.Test, pair.First.Frames.SequenceEqual(pair.Second.Frames));
        });
        Assert.NotEqual(new SyntheticCorpusOptions().Fingerprint(), new SyntheticCorpusOptions { TestSeed = 3 }.Fingerprint());
    }

    [Fact]
    public void More_takes_or_words_change_none_of_those_there_were()
    {
        var more = SyntheticScript.Takes(new SyntheticCorpusOptions { TrainTakes = 9, Words = [.. SyntheticCorpusOptions.DemoWords, "نو"] }).ToDictionary(t => t.Id);
        Assert.All(Demo.Value, t => Assert.Equal(t.Frames, more[t.Id].Frames));
    }

    [Fact]
    public void No_two_takes_are_alike() =>
        Assert.Equal(600, Demo.Value.Select(t => string.Join('|', t.Frames.Select(f => $"{f.Opening},{f.Spread},{f.Centre}"))).Distinct().Count());

    [Fact]
    public void Frames_stay_within_what_a_face_can_do_and_the_word_within_its_clip()
    {
        Assert.All(Demo.Value, take =>
        {
            Assert.InRange(take.Frames.Count, 34, 38);
            Assert.True(take.Start >= 0.04 && take.End <= take.Frames.Count / 25.0 && take.End - take.Start is > 0.39 and < 0.51);
            Assert.All(take.Frames, f =>
            {
                foreach (var x in new[] { f.Opening, f.Protrusion, f.LipBite, f.Press, f.Teeth, f.Tongue, f.Jaw, f.EyesOpen }) Assert.InRange(x, 0, 1);
                Assert.InRange(f.Spread, -1, 1);
                Assert.InRange(f.Light, 0.7, 1.25);
                Assert.InRange(f.Zoom, 0.85, 1.15);
                Assert.InRange(f.Centre.X, 0.4, 0.6);
                Assert.InRange(f.Centre.Y, 0.4, 0.6);
            });
        });
    }

    [Fact]
    public void Clip_length_word_length_place_head_and_light_say_nothing_about_the_word()
    {
        // Eta squared of each by word: for no influence its mean is (words − 1) / (takes − 1); 600 takes of 12 words: 0.018, 99.9th percentile 0.052.
        foreach (var (name, value) in new (string, Func<SyntheticTake, double>)[]
        {
            ("frames", t => t.Frames.Count), ("duration", t => t.End - t.Start), ("start", t => t.Start), ("middle", t => (t.Start + t.End) / 2 - t.Frames.Count / 50.0),
            ("light", t => t.Frames[0].Light), ("roll", t => t.Frames[0].Roll), ("x", t => t.Frames.Average(f => f.Centre.X)), ("zoom", t => t.Frames[^1].Zoom),
            ("eyes", t => t.Frames.Min(f => f.EyesOpen)), ("noise", t => t.Frames[0].Noise), ("seed", t => t.Seed),
        })
        {
            Assert.True(ExplainedByWord(value) < 0.052, $"{name}: {ExplainedByWord(value)}");
        }
        Assert.True(ExplainedByWord(t => t.Frames.Max(f => f.Press)) > 0.8); // the measure does see what the lips say
    }

    [Fact]
    public void The_middle_frame_of_a_clip_says_next_to_nothing_and_the_words_course_nearly_everything()
    {
        var train = Demo.Value.Where(t => t.Split == Split.Train).ToArray();
        var test = Demo.Value.Where(t => t.Split == Split.Test).ToArray();
        Assert.InRange(Demo.Value.Count(t => Middle(t) >= t.Start && Middle(t) <= t.End) / 600.0, 0.06, 0.14);
        Assert.InRange(Nearest(train, test, t => Shape(t, Middle(t))), 0, 0.17); // chance is 0.083; a tenth of the clips are in their word
        Assert.InRange(Nearest(train, test.Where(t => t.Speaker.Seen), Course), 0.97, 1);
        Assert.InRange(Nearest(train, test.Where(t => !t.Speaker.Seen), Course), 0.9, 1);

        static double Middle(SyntheticTake t) => t.Frames.Count / 2 / 25.0;
        static double[] Course(SyntheticTake t) => [.. Enumerable.Range(0, 12).SelectMany(i => Shape(t, t.Start + (t.End - t.Start) * i / 11))];
    }

    [Fact]
    public void Lips_press_for_bilabials_bite_for_labiodentals_and_round_early()
    {
        foreach (var take in Demo.Value.Where(t => t.Split == Split.Val))
        {
            var visemes = UrduLexicon.Pronounce(take.Text).Visemes;
            var word = take.Frames.Where((_, i) => i / 25.0 >= take.Start && i / 25.0 <= take.End).ToArray();
            Assert.Equal(visemes.Contains(Viseme.Bilabial), word.Max(f => f.Press) > 0.9);
            Assert.Equal(visemes.Contains(Viseme.Labiodental), word.Max(f => f.LipBite) > 0.9);
            Assert.Equal(visemes.Contains(Viseme.CloseBack) || visemes.Contains(Viseme.MidBack) || visemes.Contains(Viseme.OpenBack), word.Min(f => f.Spread) < -0.35 && !visemes.Contains(Viseme.Postalveolar));
            Assert.True(take.Frames[0].Opening < 0.25 || take.Start < 0.12, $"{take.Id} begins with an open mouth");
        }
        // کونسا: the lips round while the tongue still makes ک, which has no shape of its own.
        var rounded = Demo.Value.First(t => t.Text == "کونسا" && t.Start > 0.2);
        Assert.True(Shape(rounded, rounded.Start)[1] < -0.12);
    }

    [Fact]
    public void Speakers_differ_in_everything()
    {
        var cast = SyntheticSpeaker.Cast(new SyntheticCorpusOptions());
        foreach (var trait in new Func<SyntheticSpeaker, double>[] { s => s.Face.MouthWidth, s => s.Face.Aspect, s => s.Face.Skin.R, s => s.Opening, s => s.Rounding, s => s.Tempo, s => s.Light, s => s.LightSide })
            Assert.Equal(6, cast.Select(trait).Distinct().Count());
        Assert.Contains(cast, s => s.Face.Beard > 0.2);
        Assert.Contains(cast, s => s.Face.Beard == 0);
    }

    [Theory]
    [InlineData("seed", "x")]
    [InlineData("seed", "7919")]
    [InlineData("words", "0")]
    [InlineData("words", "28")]
    [InlineData("words", "سڑک")]
    [InlineData("words", "ہم ہم")]
    [InlineData("speakers", "0")]
    [InlineData("takes", "-1")]
    [InlineData("colour", "red")]
    public void Options_that_make_no_corpus_are_refused(string key, string value) =>
        Assert.Throws<ArgumentException>(() => SyntheticCorpusOptions.From(new Dictionary<string, string> { [key] = value }));

    [Fact]
    public void Options_are_read_from_text()
    {
        var options = SyntheticCorpusOptions.From(new Dictionary<string, string> { ["words"] = "3", ["speakers"] = "2", ["unseen"] = "0", ["takes"] = "4", ["seed"] = "-5" });
        Assert.Equal((3, 2, 0, 4, -5), (options.Words.Count, options.SeenSpeakers, options.UnseenSpeakers, options.TrainTakes, options.Seed));
        Assert.Equal(27, SyntheticCorpusOptions.From(new Dictionary<string, string> { ["words"] = "all" }).Words.Count);
        Assert.Equal(["ہم", "کب"], SyntheticCorpusOptions.From(new Dictionary<string, string> { ["words"] = "هم، كب" }).Words);
    }

    private static double ExplainedByWord(Func<SyntheticTake, double> value)
    {
        var all = Demo.Value.Select(value).ToArray();
        var mean = all.Average();
        var within = Demo.Value.GroupBy(t => t.Text).Sum(g => g.Sum(t => Math.Pow(value(t) - g.Average(value), 2)));
        var total = all.Sum(x => Math.Pow(x - mean, 2));
        return total == 0 ? 0 : 1 - within / total;
    }

    private static double[] Shape(SyntheticTake take, double time)
    {
        var f = take.Frames[Math.Clamp((int)Math.Round(time * 25), 0, take.Frames.Count - 1)];
        return [f.Opening, f.Spread, f.Protrusion, f.Press, f.LipBite, f.Teeth, f.Tongue, f.Jaw];
    }

    private static double Nearest(SyntheticTake[] train, IEnumerable<SyntheticTake> test, Func<SyntheticTake, double[]> features)
    {
        var known = train.Select(t => (t.Text, Features: features(t))).ToArray();
        return test.Average(t =>
        {
            var x = features(t);
            return known.MinBy(k => k.Features.Zip(x, (a, b) => (a - b) * (a - b)).Sum()).Text == t.Text ? 1.0 : 0.0;
        });
    }
}
