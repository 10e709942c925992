using LipSol.Language.Decoding;

namespace LipSol.Language.Tests.Decoding;

public sealed class PrefixBeamSearchTests
{
    private const int Wide = 5000; // more than there are prefixes in the small cases
    private static readonly Alphabet Letters = new(["a", "b", " "]);

    public static TheoryData<int, double> Cases()
    {
        var cases = new TheoryData<int, double>();
        for (var frames = 0; frames <= 6; frames++)
            foreach (var peak in (double[])[0.3, 1, 4, 20]) cases.Add(frames, peak);
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_wide_beam_finds_what_full_enumeration_finds(int frames, double peak) => Compare(frames, peak, null, _ => 0);

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_wide_beam_with_a_language_model_finds_what_full_enumeration_finds(int frames, double peak)
    {
        var model = CharacterNgramModel.Train(["a bab", "ab ab", "b a"], Letters, 3);
        Compare(frames, peak, model.Scorer(0.7, 0.4), text => 0.7 * model.LogProbability(text) + 0.4 * text.Length);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_wide_beam_with_a_lexicon_finds_what_full_enumeration_finds(int frames, double peak)
    {
        string[] words = ["a", "ab", "bb", "aba"];
        Compare(frames, peak, new Lexicon(words).Automaton(Letters), text => text.Length == 0 || text.Split(' ').All(words.Contains) ? 0 : null);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_wide_beam_with_a_grammar_finds_what_full_enumeration_finds(int frames, double peak)
    {
        string[] sentences = ["a a", "a bb", "ba a", "ba bb", "a a b", "a bb b", "ba a b", "ba bb b", "aa"];
        Compare(frames, peak, Grammar.Parse("a ba | a bb | [b]\naa").Automaton(Letters), text => sentences.Contains(text) ? 0 : null);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_grammar_and_a_language_model_work_together(int frames, double peak)
    {
        var model = CharacterNgramModel.Train(["a bab", "ab ab", "b a"], Letters, 4);
        var grammar = Grammar.Parse("[a] | b ab | b");
        Compare(frames, peak, new CombinedAutomaton(grammar.Automaton(Letters), model.Scorer(0.5, 0.1)),
            text => text is "b b" or "ab b" or "a b b" or "a ab b" ? 0.5 * model.LogProbability(text) + 0.1 * text.Length : null);
    }

    [Fact]
    public void A_prefix_that_left_the_beam_and_comes_back_meets_its_longer_ones()
    {
        // A narrow beam against a dictionary's, which knows a prefix by its text alone; both drop prefixes all the time.
        var random = new Random(3);
        for (var i = 0; i < 200; i++)
        {
            var logProbs_TV = Enumeration.Random(random, 12, 4, 1.5);
            foreach (var width in (int[])[1, 2, 3, 5, 9])
            {
                var expected = DictionaryBeam.Decode(logProbs_TV, 4, width);
                var found = new PrefixBeamSearch(width).Decode(logProbs_TV, 4);
                Assert.Equal(expected.Select(e => e.Text), found.Select(f => string.Concat(f.Letters)));
                for (var n = 0; n < expected.Count; n++) Assert.Equal(expected[n].Score, found[n].Score, 9);
            }
        }
    }

    [Fact]
    public void A_grammar_is_kept_even_by_a_beam_of_one_that_hears_something_else()
    {
        // The network is sure of "aaa…"; the only sentence is "b b": the prefix must start in time to be finished.
        var logProbs_TV = Enumerable.Range(0, 8).SelectMany(_ => new[] { -3f, -0.1f, -5f, -6f }).ToArray();
        var best = new PrefixBeamSearch(1, Grammar.Parse("b | b").Automaton(Letters)).Decode(logProbs_TV, 4);
        Assert.Equal("b b", Letters.Decode(Assert.Single(best).Letters));
    }

    [Fact]
    public void No_text_is_invented_where_no_sentence_fits_into_the_frames() =>
        Assert.Empty(new PrefixBeamSearch(10, Grammar.Parse("ab | ab").Automaton(Letters)).Decode(Enumeration.Random(new Random(1), 4, 4), 4));

    [Fact]
    public void A_class_of_probability_zero_is_never_written()
    {
        float[] logProbs_TV = [MathF.Log(0.4f), float.NegativeInfinity, MathF.Log(0.6f), MathF.Log(0.4f), float.NegativeInfinity, MathF.Log(0.6f)];
        var found = new PrefixBeamSearch(10).Decode(logProbs_TV, 3);
        Assert.Equal(["2", ""], found.Select(f => string.Concat(f.Letters)));
        Assert.Equal(0.84, Math.Exp(found[0].Score), 5);
    }

    [Fact]
    public void One_search_serves_many_threads()
    {
        var search = new PrefixBeamSearch(20);
        var inputs = Enumerable.Range(0, 40).Select(i => Enumeration.Random(new Random(i), 30, 10)).ToArray();
        var alone = inputs.Select(x => search.Decode(x, 10)[0].Score).ToArray();
        Assert.Equal(alone, inputs.AsParallel().AsOrdered().WithDegreeOfParallelism(4).Select(x => search.Decode(x, 10)[0].Score).ToArray());
    }

    private static void Compare(int frames, double peak, ITextAutomaton? automaton, Func<string, double?> score)
    {
        var random = new Random(frames * 100 + (int)(peak * 10));
        var search = new PrefixBeamSearch(Wide, automaton);
        for (var i = 0; i < 3; i++)
        {
            var logProbs_TV = Enumeration.Random(random, frames, Letters.Count, peak);
            var expected = Enumeration.Texts(logProbs_TV, Letters.Count, "ab ", score);
            var found = search.Decode(logProbs_TV, Letters.Count);
            Assert.Equal(expected.Count, found.Count);
            for (var n = 0; n < expected.Count; n++)
            {
                Assert.Equal(expected[n].Text, Letters.Decode(found[n].Letters));
                Assert.Equal(expected[n].Score, found[n].Score, 6);
            }
        }
    }
}
