using LipSol.Language.Decoding;

namespace LipSol.Inference.Tests.Saliencies;

public sealed class ReadingEvidenceTests
{
    [Fact]
    public void A_words_log_odds_are_those_worked_out_by_hand()
    {
        // p = 3/4 against 1/4: log 3.
        Assert.Equal(Math.Log(3), ReadingEvidence.OfWord([(float)Math.Log(6), (float)Math.Log(1), (float)Math.Log(1)], 0), 5);
        // A hundred logits ahead is a probability of 1 to the last bit; the log-odds still tell it from a hundred and one.
        Assert.Equal(1, ReadingEvidence.OfWord([101, 0], 0) - ReadingEvidence.OfWord([100, 0], 0), 4);
    }

    [Fact]
    public void A_sentences_is_the_likeliest_path_that_spells_it()
    {
        var alphabet = new Alphabet(["a", "b"]);
        // Two frames, uniform over blank, a and b: each path has 1/9.
        Assert.Equal(-2 * Math.Log(3), ReadingEvidence.OfSentence(new float[6], alphabet, "a"), 5);
        Assert.Equal(-2 * Math.Log(3), ReadingEvidence.OfSentence(new float[6], alphabet, "ab"), 5);
        Assert.Equal(-2 * Math.Log(3), ReadingEvidence.OfSentence(new float[6], alphabet, ""), 5);
    }
}
