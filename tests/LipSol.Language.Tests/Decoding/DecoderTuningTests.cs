using LipSol.Language.Decoding;

namespace LipSol.Language.Tests.Decoding;

public sealed class DecoderTuningTests
{
    private static readonly Alphabet Letters = Alphabet.From(["abcd "]);
    private static readonly string[] Said = ["ab cd", "ba dc", "ab dc", "cd ab"];

    [Fact]
    public void The_weights_that_read_val_best_are_chosen_and_each_decoder_is_calibrated_once()
    {
        // The network takes b for c a little more often than not; only what follows what tells them apart.
        var set = Fit(Grammar.Parse("ab ba cd | ab cd dc"));
        Assert.Equal([DecoderKind.Greedy, DecoderKind.Beam, DecoderKind.Lexicon, DecoderKind.Grammar], set.Settings.Select(s => s.Kind));
        Assert.Equal(DecoderKind.Beam, set.Default);
        Assert.True(set.Settings[1].LanguageModelWeight > 0);
        Assert.Equal((0.0, 0.0), (set.Settings[0].LanguageModelWeight, set.Settings[0].LetterBonus));
        Assert.All(set.Settings, s => Assert.True(s.WordConfidence is not null && s.SentenceConfidence is not null));
        var decoders = new SentenceDecoders(set);
        var clip = Clip("ab cd");
        Assert.Equal("ac cd", Read(decoders[DecoderKind.Greedy], clip).Text);
        Assert.Equal("ab cd", Read(decoders[DecoderKind.Beam], clip).Text);
    }

    [Fact]
    public void Where_val_is_read_without_an_error_the_likelihood_of_what_was_said_decides()
    {
        // b is a little likelier than c: every weight reads val rightly, but for the network alone it's a toss-up each time.
        var set = Fit(null, b: 0.5f, c: 0.41f);
        var beam = new SentenceDecoders(set)[DecoderKind.Beam];
        Assert.All(Said, said => Assert.Equal(said, Read(beam, Clip(said, 0.5f, 0.41f)).Text));
        Assert.True(set.Settings[1].LanguageModelWeight > 0);
    }

    [Fact]
    public void What_val_cannot_tell_apart_is_decided_towards_the_plain_reading()
    {
        // The network is sure of every letter: no weight reads better, and none makes what was said much likelier.
        Assert.All(Fit(Grammar.Parse("ab ba cd | ab cd dc"), b: 0.999f, c: 0.0001f, peak: 0.999f).Settings, s => Assert.Equal((0.0, 0.0), (s.LanguageModelWeight, s.LetterBonus)));
        // Neither is there anything to tell where nothing can be written.
        Assert.All(DecoderTuning.Fit(Letters, Said, null, [new HeldOutClip(Clip("ab").LogProbs_TV, "xy")]).Settings, s => Assert.Equal((0.0, 0.0), (s.LanguageModelWeight, s.LetterBonus)));
    }

    [Fact]
    public void A_word_more_or_less_is_luck_and_two_standard_errors_are_not()
    {
        // 50 clips of 4 words; losses of 1 with a standard error of 0.14.
        DecoderTrial Trial(double weight, int errors, double loss, double bonus = 0) => new(new DecoderSettings { LanguageModelWeight = weight, LetterBonus = bonus },
            [.. Enumerable.Range(0, 50).Select(i => (i < errors ? 1.0 : 0.0, 4.0))], [.. Enumerable.Range(0, 50).Select(i => loss + (i % 2 == 0 ? 1 : -1))]);
        double Chosen(params DecoderTrial[] trials) => DecoderTrial.Choose(trials).LanguageModelWeight;

        Assert.Equal(0, Chosen(Trial(0.5, 0, 1), Trial(0, 1, 1)));
        Assert.Equal(0.5, Chosen(Trial(0, 2, 1), Trial(0.5, 0, 1)));
        Assert.Equal(0, Chosen(Trial(0.5, 10, 1), Trial(0, 12, 1))); // ± 2.9 words
        Assert.Equal(0.5, Chosen(Trial(0.5, 10, 1), Trial(0, 16, 1)));
        // The WER says the same: the loss decides, as far as it can.
        Assert.Equal(0.5, Chosen(Trial(0, 1, 1.2), Trial(0.5, 0, 1), Trial(1, 1, 1.1)));
        Assert.Equal(0, Chosen(Trial(0, 1, 1.1), Trial(0.5, 0, 1)));
        // A better loss doesn't excuse a worse WER.
        Assert.Equal(0.5, Chosen(Trial(0, 30, 0.2), Trial(0.5, 10, 1)));
        Assert.Equal(0, DecoderTrial.Choose([Trial(0, 0, 1, bonus: 1), Trial(0, 0, 1)]).LetterBonus);
        // Clips that agree to the last digit are no certainty either.
        DecoderTrial Sure(double weight, double loss) => Trial(weight, 0, 0) with { Losses = [.. Enumerable.Repeat(loss, 50)] };
        Assert.Equal(0, Chosen(Sure(0, 0.013), Sure(1, 0)));
        Assert.Equal(1, Chosen(Sure(0, 0.015), Sure(1, 0)));
    }

    [Fact]
    public void The_loss_of_a_clip_is_that_of_its_text_among_all_that_could_be_written()
    {
        var random = new Random(3);
        var letters = new Alphabet(["a", "b"]);
        var model = CharacterNgramModel.Train(["ab", "b"], letters, 2);
        var set = DecoderSet.GreedyOnly(letters) with { LanguageModel = model.File };
        foreach (var said in (string[])["ab", "a", "bba"])
        {
            var logProbs_TV = Enumeration.Random(random, 5, 3, 2);
            var all = Enumeration.Texts(logProbs_TV, 3, "ab", text => 0.5 * model.LogProbability(text) + 0.25 * text.Length);
            var expected = Math.Log(all.Sum(t => Math.Exp(t.Score))) - all.Single(t => t.Text == said).Score;
            var settings = new DecoderSettings { LanguageModelWeight = 0.5, LetterBonus = 0.25 };
            var trial = DecoderTrial.Of(set, settings, [SaidText.Of(new HeldOutClip(logProbs_TV, said), letters, model)], 1);
            Assert.Equal(expected, Assert.Single(trial.Losses), 5);
            // A beam too narrow to hold it knows what it would have had.
            var narrow = Assert.Single(DecoderTrial.Of(set, settings with { BeamWidth = 1 }, [SaidText.Of(new HeldOutClip(logProbs_TV, said), letters, model)], 1).Losses);
            Assert.InRange(narrow, 0, expected + 1e-5);
        }
    }

    [Fact]
    public void How_many_threads_read_changes_nothing()
    {
        var (one, four) = (Fit(null), Fit(null, threads: 4));
        Assert.Equal(one.Settings, four.Settings);
        Assert.True(one.LanguageModel!.Value.Span.SequenceEqual(four.LanguageModel!.Value.Span));
    }

    [Fact]
    public void A_grammar_keeps_the_words_that_the_network_can_write()
    {
        Assert.Equal("ab | cd", Fit(Grammar.Parse("ab xy | cd | [zz]")).Grammar!.ToString());
        var without = Fit(Grammar.Parse("xy | cd"));
        Assert.Null(without.Grammar);
        Assert.DoesNotContain(without.Settings, s => s.Kind == DecoderKind.Grammar);
        Assert.Throws<ArgumentException>(() => DecoderTuning.Fit(Letters, Said, null, [], new DecoderTuningOptions { Default = DecoderKind.Grammar }));
    }

    [Fact]
    public void A_set_that_contradicts_itself_is_refused()
    {
        var greedy = DecoderSet.GreedyOnly(Letters);
        Assert.Throws<ArgumentException>(() => new SentenceDecoders(greedy with { Default = DecoderKind.Beam }));
        Assert.Throws<ArgumentException>(() => new SentenceDecoders(greedy with { Settings = [.. greedy.Settings, .. greedy.Settings] }));
        Assert.Throws<ArgumentException>(() => new SentenceDecoders(greedy with { Settings = [.. greedy.Settings, new DecoderSettings { Kind = DecoderKind.Grammar }] }));
    }

    [Theory]
    [InlineData("ab", true)]
    [InlineData("ab cd", true)]
    [InlineData("abc d", false)]
    [InlineData("ab ", false)]
    [InlineData("", false)]
    [InlineData("a b", true)]
    [InlineData("a b cd", true)]
    [InlineData("a", false)]
    public void A_grammar_accepts_its_sentences_and_no_other(string text, bool accepted) =>
        Assert.Equal(accepted, new Grammar { Patterns = [[new GrammarSlot(["ab", "a b"]), new GrammarSlot(["cd"], Optional: true)]] }.Accepts(text));

    [Fact]
    public void Texts_that_differ_in_stray_spaces_are_one_text()
    {
        // Space or blank at the end, evenly likely: "a" and "a " are the same answer.
        var letters = new Alphabet([" ", "a", "b"]);
        float[] p = [0, 0, 0.55f, 0.45f, 0.5f, 0.5f, 0, 0];
        var logProbs_TV = p.Select(x => MathF.Log(x)).ToArray();
        var read = SentenceDecoder.Create(new DecoderSettings(), letters).Decode(logProbs_TV, 2);
        Assert.Equal(["a", "b"], read.NBest.Select(a => a.Text));
        Assert.Equal(0.55, read.Confidence, 5);
        Assert.Equal("a", SentenceDecoder.Create(new DecoderSettings { Kind = DecoderKind.Greedy }, letters).Decode(logProbs_TV, 2).Text);
    }

    private static DecoderSet Fit(Grammar? grammar, int threads = 1, float b = 0.44f, float c = 0.47f, float peak = 0.9f) =>
        DecoderTuning.Fit(Letters, Said, grammar, [.. Said.Select(said => Clip(said, b, c, peak))], new DecoderTuningOptions { BeamWidth = 20, Threads = threads });

    private static SentenceReading Read(SentenceDecoder decoder, HeldOutClip clip) => decoder.Decode(clip.LogProbs_TV, clip.LogProbs_TV.Length / Letters.Count);

    // A frame a letter and a blank between; b looks like c.
    private static HeldOutClip Clip(string said, float b = 0.44f, float c = 0.47f, float peak = 0.9f)
    {
        var rest = (1 - peak) / 10;
        var logProbs_TV = new List<float>();
        foreach (var letter in Letters.Encode(said))
        {
            var p = Enumerable.Repeat(rest, Letters.Count).ToArray();
            p[letter] = peak;
            if (Letters.Letters[letter - 1] == "b") (p[letter], p[letter + 1]) = (b, c);
            logProbs_TV.AddRange(p.Select(x => MathF.Log(x / p.Sum())));
            logProbs_TV.AddRange(Enumerable.Range(0, Letters.Count).Select(v => MathF.Log(v == 0 ? 1 - 5 * rest : rest)));
        }
        return new HeldOutClip([.. logProbs_TV], said);
    }
}
