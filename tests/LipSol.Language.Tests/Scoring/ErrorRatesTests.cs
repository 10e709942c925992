using LipSol.Language.Scoring;

namespace LipSol.Language.Tests.Scoring;

public sealed class ErrorRatesTests
{
    [Fact]
    public void Edits_are_summed_over_the_set_and_divided_by_the_reference_length()
    {
        // Words: 1 substitution of 6, then 1 deletion + 0 of 2, then 2 insertions on 1: (1 + 1 + 2) / (6 + 2 + 1).
        var rates = ErrorRates.Of([("bin blue at f two now", "bin blue at s two now"), ("lay red", "lay"), ("now", "now and then")]);
        Assert.Equal(4 / 9.0, rates.Wer, 12);
        // Code points: f→s is 1 of 21; " red" is 4 of 7; " and then" is 9 of 3.
        Assert.Equal((1 + 4 + 9) / (21 + 7 + 3.0), rates.Cer, 12);
        Assert.Equal(0, rates.SentenceAccuracy);
        Assert.Equal(5 / 9.0, rates.WordAccuracy, 12);
    }

    [Fact]
    public void Urdu_counts_by_code_point()
    {
        var rates = ErrorRates.Of([("آپ کون", "آپ کیوں"), ("ہم", "ہم"), ("😀ا", "ا")]);
        Assert.Equal((1 + 0 + 1) / 4.0, rates.Wer, 12);
        // کون → کیوں: insert ی, ن → ں; the emoji is one code point.
        Assert.Equal((2 + 0 + 1) / (6 + 2 + 2.0), rates.Cer, 12);
        Assert.Equal(1 / 3.0, rates.SentenceAccuracy, 12);
    }

    [Fact]
    public void A_word_error_rate_may_exceed_one_and_word_accuracy_stops_at_zero()
    {
        var rates = ErrorRates.Of([("a", "b c d")]);
        Assert.Equal(3, rates.Wer);
        Assert.Equal(0, rates.WordAccuracy);
        Assert.Equal(1, ErrorRates.Of([("a b", "")]).Wer);
    }

    [Fact]
    public void References_without_a_word_have_no_rate() => Assert.Throws<ArgumentException>(() => ErrorRates.Of([("", "a")]));

    [Fact]
    public void The_distance_agrees_with_a_second_implementation_and_with_the_alignment()
    {
        var random = new Random(3);
        for (var n = 0; n < 2000; n++)
        {
            int[] a = Letters(), b = Letters();
            var expected = Recursive(a, b, []);
            Assert.Equal(expected, EditDistance.Between<int>(a, b));
            var pairs = EditDistance.Align<int>(a, b);
            Assert.Equal(expected, pairs.Count(p => p.Reference < 0 || p.Hypothesis < 0 || a[p.Reference] != b[p.Hypothesis]));
            Assert.Equal(Enumerable.Range(0, a.Length), pairs.Select(p => p.Reference).Where(i => i >= 0));
            Assert.Equal(Enumerable.Range(0, b.Length), pairs.Select(p => p.Hypothesis).Where(i => i >= 0));
        }

        int[] Letters() => [.. Enumerable.Range(0, random.Next(0, 9)).Select(_ => random.Next(3))];
    }

    // The definition, word for word, with memory.
    private static int Recursive(int[] a, int[] b, Dictionary<(int, int), int> known)
    {
        return Distance(a.Length, b.Length);

        int Distance(int i, int j)
        {
            if (i == 0 || j == 0) return i + j;
            if (known.TryGetValue((i, j), out var value)) return value;
            var best = new[] { Distance(i - 1, j) + 1, Distance(i, j - 1) + 1, Distance(i - 1, j - 1) + (a[i - 1] == b[j - 1] ? 0 : 1) }.Min();
            return known[(i, j)] = best;
        }
    }
}
