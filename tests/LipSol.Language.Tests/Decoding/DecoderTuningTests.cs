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
        Assert.Equal("ac cd", decoders[DecoderKind.Greedy].Decode(clip.LogProbs_TV, clip.LogProbs_TV.Length / Letters.Count).Text);
        Assert.Equal("ab cd", decoders[DecoderKind.Beam].Decode(clip.LogProbs_TV, clip.LogProbs_TV.Length / Letters.Count).Text);
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

    private static DecoderSet Fit(Grammar? grammar, int threads = 1) =>
        DecoderTuning.Fit(Letters, Said, grammar, [.. Said.Select(Clip)], new DecoderTuningOptions { BeamWidth = 20, Threads = threads });

    // A frame a letter and a blank between; b looks like c.
    private static HeldOutClip Clip(string said)
    {
        var logProbs_TV = new List<float>();
        foreach (var letter in Letters.Encode(said))
        {
            var p = Enumerable.Repeat(0.01f, Letters.Count).ToArray();
            p[letter] = 0.9f;
            if (Letters.Letters[letter - 1] == "b") (p[letter], p[letter + 1]) = (0.44f, 0.47f);
            logProbs_TV.AddRange(p.Select(x => MathF.Log(x / p.Sum())));
            logProbs_TV.AddRange(Enumerable.Range(0, Letters.Count).Select(v => MathF.Log(v == 0 ? 0.95f : 0.01f)));
        }
        return new HeldOutClip([.. logProbs_TV], said);
    }
}
