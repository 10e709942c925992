using LipSol.Language.Decoding;

namespace LipSol.Language.Tests.Decoding;

public sealed class GrammarTests
{
    [Fact]
    public void The_six_Urdu_slots_allow_their_sentences_and_no_others()
    {
        var alphabet = Alphabet.From(Grammar.Urdu.Patterns[0].SelectMany(s => s.Words).Append(" "));
        var automaton = Grammar.Urdu.Automaton(alphabet);
        Assert.True(Allows(automaton, alphabet, "آپ کتنے تھا جی کب ایک"));
        Assert.True(Allows(automaton, alphabet, "ہم کونسا ہوں نہیں کیوں پانچھ"));
        Assert.False(Allows(automaton, alphabet, "آپ کتنے تھا جی کب"));
        Assert.False(Allows(automaton, alphabet, "کتنے آپ تھا جی کب ایک"));
        Assert.False(Allows(automaton, alphabet, "آپ کتنے تھا جی کب ایک "));
        Assert.False(Allows(automaton, alphabet, "آپکتنے تھا جی کب ایک"));
        Assert.Equal(4 * 4 * 4 * 3 * 3 * 9, Sentences(automaton, alphabet));
        Assert.Equal(4 * 4 * 4 * 3 * 3 * 9, Grammar.Urdu.Patterns[0].Aggregate(1, (n, s) => n * s.Words.Count));
    }

    [Fact]
    public void Grids_six_slots_allow_its_sentences()
    {
        var alphabet = Alphabet.From(["abcdefghijklmnopqrstuvwxyz "]);
        var automaton = Grammar.Grid.Automaton(alphabet);
        Assert.True(Allows(automaton, alphabet, "place green by j zero please"));
        Assert.False(Allows(automaton, alphabet, "place green by w zero please"));
        Assert.Equal(4 * 4 * 4 * 25 * 10 * 4, Sentences(automaton, alphabet));
    }

    [Theory]
    [InlineData("a b | c")]
    [InlineData("[a] | b | [c]\nd")]
    public void Text_and_JSON_give_the_same_grammar(string text)
    {
        var grammar = Grammar.Parse(text);
        Assert.Equal(text, grammar.ToString());
        Assert.Equal(text, Grammar.FromJson(grammar.ToJson()).ToString());
    }

    [Fact]
    public void Urdu_stays_readable_in_JSON() => Assert.Contains("پانچھ", Grammar.Urdu.ToJson());

    [Fact]
    public void A_grammar_from_transcripts_allows_each_of_them_and_mixes_place_by_place()
    {
        var grammar = Grammar.FromTranscripts(["bin blue", "lay red", "now", "lay red", ""]);
        Assert.Equal("now\nbin lay | blue red", grammar.ToString());
    }

    [Fact]
    public void Slots_may_be_skipped_where_they_are_optional()
    {
        var alphabet = Alphabet.From(["abc "]);
        var automaton = Grammar.Parse("[a] | b | [c]").Automaton(alphabet);
        foreach (var text in (string[])["b", "a b", "b c", "a b c"]) Assert.True(Allows(automaton, alphabet, text), text);
        foreach (var text in (string[])["", "a", "c", "a c", "b ", " b", "a b "]) Assert.False(Allows(automaton, alphabet, text), text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# only a remark")]
    [InlineData("a | | b")]
    [InlineData("a [b] c | d")]
    [InlineData("a | []")]
    public void A_broken_text_is_refused(string text) => Assert.Throws<FormatException>(() => Grammar.Parse(text));

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[")]
    [InlineData("{\"patterns\":[]}")]
    [InlineData("{\"patterns\":[[]]}")]
    [InlineData("{\"patterns\":[null]}")]
    [InlineData("{\"patterns\":[[null]]}")]
    [InlineData("{\"patterns\":[[{\"words\":[]}]]}")]
    [InlineData("{\"patterns\":[[{\"words\":[\" a\"]}]]}")]
    [InlineData("{\"patterns\":[[{\"words\":[null]}]]}")]
    public void Broken_JSON_is_refused(string json) => Assert.Throws<FormatException>(() => Grammar.FromJson(json));

    [Fact]
    public void A_word_outside_the_alphabet_is_named() =>
        Assert.Contains("'z'", Assert.Throws<UnusableTranscriptException>(() => Grammar.Parse("az | b").Automaton(Alphabet.From(["ab "]))).Message);

    [Theory]
    [InlineData("two words")]
    [InlineData("")]
    public void A_lexicon_holds_words(string word) => Assert.Throws<ArgumentException>(() => new Lexicon(["a", word]));

    private static bool Allows(ITextAutomaton automaton, Alphabet alphabet, string text)
    {
        var (state, next_V, score_V) = (automaton.Start, new long[alphabet.Count], new double[alphabet.Count]);
        foreach (var letter in alphabet.Encode(text))
        {
            automaton.Step(state, next_V, score_V);
            if (double.IsNegativeInfinity(score_V[letter])) return false;
            state = next_V[letter];
        }
        automaton.Step(state, next_V, score_V);
        return !double.IsNegativeInfinity(score_V[0]);
    }

    private static long Sentences(ITextAutomaton automaton, Alphabet alphabet)
    {
        var known = new Dictionary<long, long>();
        return Count(automaton.Start);

        long Count(long state)
        {
            if (known.TryGetValue(state, out var count)) return count;
            var (next_V, score_V) = (new long[alphabet.Count], new double[alphabet.Count]);
            automaton.Step(state, next_V, score_V);
            count = double.IsNegativeInfinity(score_V[0]) ? 0 : 1;
            for (var v = 1; v < alphabet.Count; v++)
                if (!double.IsNegativeInfinity(score_V[v])) count += Count(next_V[v]);
            return known[state] = count;
        }
    }
}
