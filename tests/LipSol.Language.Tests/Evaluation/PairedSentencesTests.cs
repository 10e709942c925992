using LipSol.Language.Evaluation;

namespace LipSol.Language.Tests.Evaluation;

/// <summary>The paired test on sentences, and where it draws speakers.</summary>
public sealed class PairedSentencesTests
{
    private static readonly string[] Vocabulary = ["آپ", "میں", "وہ", "ہم", "کب", "کون"];

    [Fact]
    public void Of_two_equally_good_readers_of_sentences_each_is_seldom_found_clearly_better_even_where_speakers_differ()
    {
        const int studies = 150;
        int clips = 0, speakers = 0;
        for (var seed = 0; seed < studies; seed++)
        {
            // The same five speakers with the same difficulties for both; then twelve whom each reads better or worse at random.
            double[] shared = [0.1, 0.2, 0.3, 0.4, 0.5];
            if (Better(Sentences(new Random(2 * seed), shared, 12), Sentences(new Random(2 * seed + 1), shared, 12), seed) >= 0.95) clips++;
            var random = new Random(seed);
            double[] difficulty = [.. Enumerable.Range(0, 12).Select(_ => 0.2 + 0.2 * random.NextDouble())];
            if (Better(Sentences(new Random(3 * seed), Varied(difficulty, random), 12), Sentences(new Random(3 * seed + 1), Varied(difficulty, random), 12), seed) >= 0.95) speakers++;
        }
        Assert.InRange(clips / (double)studies, 0.01, 0.10);
        Assert.InRange(speakers / (double)studies, 0.005, 0.10);

        static double Better(LipSol.Language.Evaluation.Evaluation a, LipSol.Language.Evaluation.Evaluation b, int seed) => PairedComparison.Of(a, b, seed, 200).Figures["wer"].ProbabilityBetter;
        static double[] Varied(double[] rates, Random random) => [.. rates.Select(r => r + 0.15 * (random.NextDouble() - 0.5))];
    }

    [Theory]
    [InlineData("wer")]
    [InlineData("cer")]
    [InlineData("word_accuracy")]
    [InlineData("sentence_accuracy.unseen")]
    public void A_reader_with_half_the_errors_is_found_better_by_every_figure(string metric)
    {
        double[] rates = [0.4, 0.5, 0.3, 0.4];
        var weak = Sentences(new Random(1), rates, 40);
        var strong = weak with { Samples = [.. weak.Samples.Select((s, i) => i % 2 == 0 ? s with { Text = s.Expected } : s)] };
        Assert.InRange(PairedComparison.Of(strong, weak).Figures[metric].ProbabilityBetter, 0.99, 1);
        Assert.InRange(PairedComparison.Of(weak, strong).Figures[metric].ProbabilityBetter, 0, 0.01);
    }

    // Sentences of six words; each word is read as another with the speaker's rate.
    private static LipSol.Language.Evaluation.Evaluation Sentences(Random random, double[] rates, int clips) =>
        EvaluationFile.Create("d", [.. from s in Enumerable.Range(0, rates.Length) from c in Enumerable.Range(0, clips) select Sample(random, s, c, rates[s])]);

    private static EvaluatedSample Sample(Random random, int speaker, int clip, double rate)
    {
        var said = Enumerable.Range(0, 6).Select(i => Vocabulary[(clip * 5 + i * 7 + speaker) % Vocabulary.Length]).ToArray();
        var read = said.Select(w => random.NextDouble() < rate ? "ایک" : w);
        return new EvaluatedSample($"s{speaker:00}/{clip:00}", $"s{speaker:00}", speaker % 2 == 0, string.Join(' ', said), string.Join(' ', read), 0.5);
    }
}
