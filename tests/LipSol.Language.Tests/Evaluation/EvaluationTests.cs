using LipSol.Language.Evaluation;

namespace LipSol.Language.Tests.Evaluation;

public sealed class EvaluationTests
{
    private static readonly string[] Vocabulary = ["آپ", "میں", "وہ", "ہم", "کب", "کون"];

    [Fact]
    public void The_report_has_every_figure_by_split_of_speakers()
    {
        var report = EvaluationReport.From(Simulated(seed: 1, clips: 200, accuracy: 0.9));

        Assert.Equal(
            ["cer", "cer.seen", "cer.speaker:a", "cer.speaker:b", "cer.speaker:c", "cer.unseen", "wer", "wer.seen", "wer.speaker:a", "wer.speaker:b", "wer.speaker:c",
                "wer.unseen", "word_accuracy", "word_accuracy.seen", "word_accuracy.speaker:a", "word_accuracy.speaker:b", "word_accuracy.speaker:c", "word_accuracy.unseen"],
            report.Figures.Keys.Order(StringComparer.Ordinal));
        Assert.All(report.Figures.Values, f => Assert.True(f.Low <= f.Value && f.Value <= f.High && f.Low >= 0, f.ToString()));
        Assert.Equal(200, report.Figures["wer"].Count);
        Assert.Equal(report.Figures["wer"].Count, report.Figures["wer.seen"].Count + report.Figures["wer.unseen"].Count);
        Assert.Equal(1 - report.Figures["wer"].Value, report.Figures["word_accuracy"].Value, 12);
        Assert.Equal(200, report.Confusions.Counts.Sum(row => row.Sum()));
        Assert.Equal(report.Confusions.Mistakes().Sum(m => m.Count), Math.Round(200 * report.Figures["wer"].Value));
        Assert.All(report.Worst, s => Assert.NotEqual(s.Expected, s.Text));
    }

    [Fact]
    public void The_same_seed_gives_the_same_intervals()
    {
        var evaluation = Simulated(seed: 2, clips: 60, accuracy: 0.8);
        Assert.Equal(EvaluationReport.From(evaluation, 7).Figures, EvaluationReport.From(evaluation, 7).Figures);
    }

    [Fact]
    public void About_95_of_100_intervals_hold_the_truth()
    {
        const double truth = 0.8;
        var held = Enumerable.Range(0, 300).Count(seed =>
        {
            var figure = EvaluationReport.From(Simulated(seed, clips: 150, truth), seed, resamples: 400).Figures["word_accuracy"];
            return figure.Low <= truth && truth <= figure.High;
        });
        Assert.InRange(held, 270, 297); // 95 % of 300 is 285; ±4 standard deviations
    }

    [Fact]
    public void Words_of_one_clip_stay_together_so_clips_that_fail_whole_widen_the_interval()
    {
        // 30 clips of 6 words, all right or all wrong, against the same number of words failing independently.
        var together = EvaluationFile.Create("d", Samples((clip, word) => clip % 3 == 0));
        var apart = EvaluationFile.Create("d", Samples((clip, word) => (clip * 6 + word) % 3 == 0));
        Assert.Equal(Value(together).Value, Value(apart).Value, 12);
        Assert.True(Width(together) > 1.8 * Width(apart), $"{Width(together)} {Width(apart)}");

        static Figure Value(LipSol.Language.Evaluation.Evaluation e) => EvaluationReport.From(e).Figures["wer"];
        static double Width(LipSol.Language.Evaluation.Evaluation e) => Value(e).High - Value(e).Low;
        static IEnumerable<EvaluatedSample> Samples(Func<int, int, bool> wrong) =>
            from clip in Enumerable.Range(0, 30) from word in Enumerable.Range(0, 6) select new EvaluatedSample($"c{clip:00}#{word}", "a", true, "x", wrong(clip, word) ? "y" : "x", 0.5);
    }

    [Fact]
    public void Five_speakers_with_one_clip_each_have_an_interval_of_some_width()
    {
        var report = EvaluationReport.From(EvaluationFile.Create("d",
            Enumerable.Range(0, 30).Select(i => new EvaluatedSample($"c{i / 6}#{i % 6}", $"s{i / 6}", false, "x", i % 6 < 1 + i / 6 ? "x" : "y", 1))));
        Assert.True(report.Figures["word_accuracy.unseen"].High - report.Figures["word_accuracy.unseen"].Low > 0.1);
        Assert.Equal((0, 1), (report.Figures["word_accuracy.speaker:s0"].Low, report.Figures["word_accuracy.speaker:s0"].High));
    }

    [Fact]
    public void A_perfect_score_is_not_certain()
    {
        var figure = EvaluationReport.From(Simulated(1, clips: 96, accuracy: 1)).Figures["word_accuracy"];
        Assert.Equal(1, figure.Value);
        Assert.Equal(Math.Pow(0.025, 1 / 96.0), figure.Low, 12); // Clopper-Pearson
    }

    [Fact]
    public void Sentences_are_scored_as_sentences_and_confused_word_by_word()
    {
        var report = EvaluationReport.From(EvaluationFile.Create("d", [
            new("a", "s", true, "bin blue now", "bin red now", 0.5), new("b", "s", true, "lay red", "lay red", 0.5), new("c", "s", true, "set white", "set", 0.5)]));
        Assert.Equal(2 / 7.0, report.Figures["wer"].Value, 12);
        Assert.Equal(1 / 3.0, report.Figures["sentence_accuracy"].Value, 12);
        Assert.Contains(("blue", "red", 1), report.Confusions.Mistakes());
        Assert.Contains(("white", "", 1), report.Confusions.Mistakes());
        Assert.Equal(["c", "a"], report.Worst.Select(s => s.Id));
    }

    [Fact]
    public void An_evaluation_survives_its_file_and_a_changed_file_is_noticed()
    {
        var evaluation = Simulated(4, 40, 0.7);
        var bytes = EvaluationFile.ToBytes(evaluation);
        var read = EvaluationFile.Read(bytes);
        Assert.Equal(evaluation.TestHash, read.TestHash);
        Assert.Equal(evaluation.Samples, read.Samples);
        Assert.Equal(bytes, EvaluationFile.ToBytes(read));
        Assert.Contains("آپ", System.Text.Encoding.UTF8.GetString(bytes));

        var changed = System.Text.Encoding.UTF8.GetString(bytes).Replace("clip-003", "clip-999", StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => EvaluationFile.Read(System.Text.Encoding.UTF8.GetBytes(changed)));
        foreach (var broken in new[] { "", "null", "{}", "[1]", "{\"dataHash\":\"x\",\"testHash\":null,\"samples\":[]}" })
            Assert.Throws<InvalidDataException>(() => EvaluationFile.Read(System.Text.Encoding.UTF8.GetBytes(broken)));
    }

    [Fact]
    public void The_test_hash_depends_on_ids_and_texts_not_on_order_or_readings()
    {
        var hash = EvaluationFile.TestHash([("a", "x", null), ("b", "y", null)]);
        Assert.Equal(hash, EvaluationFile.TestHash([("b", "y", null), ("a", "x", null)]));
        Assert.NotEqual(hash, EvaluationFile.TestHash([("a", "x", null), ("b", "z", null)]));
        Assert.NotEqual(hash, EvaluationFile.TestHash([("a", "x", null)]));
        // Recorded anew under the same names, it's another test.
        Assert.NotEqual(hash, EvaluationFile.TestHash([("a", "x", null), ("b", "y", "9e107d9d372bb6826bd81d3542a419d6")]));
        Assert.Throws<ArgumentException>(() => EvaluationFile.Create("d", [new("a", "s", true, "x", "x", 1), new("a", "s", true, "x", "x", 1)]));
    }

    [Fact]
    public void A_clearly_better_candidate_is_found_better_and_an_equal_one_is_a_coin_toss()
    {
        var weak = Simulated(1, 200, 0.80);
        var strong = weak with { Samples = [.. weak.Samples.Select((s, i) => i % 10 == 0 ? s with { Text = s.Expected } : s)] };
        Assert.InRange(Better(strong, weak, "word_accuracy", 1), 0.97, 1);
        Assert.InRange(Better(weak, strong, "wer", 1), 0, 0.03);
        Assert.Equal(0.5, Better(weak, weak, "cer.unseen", 1));
        Assert.Equal(Better(strong, weak, "wer.seen", 5), Better(strong, weak, "wer.seen", 5));
    }

    [Fact]
    public void Two_equally_good_models_seldom_pass_a_gate_of_95_percent()
    {
        var passed = Enumerable.Range(0, 200).Count(seed =>
            Better(Simulated(2 * seed, 120, 0.8), Simulated(2 * seed + 1, 120, 0.8), "word_accuracy", seed, 300) >= 0.95);
        Assert.InRange(passed, 1, 24); // 5 % of 200 is 10
    }

    private static double Better(LipSol.Language.Evaluation.Evaluation candidate, LipSol.Language.Evaluation.Evaluation production, string metric, int seed, int resamples = 2000) =>
        PairedComparison.Of(candidate, production, seed, resamples).Figures[metric].ProbabilityBetter;

    [Fact]
    public void Evaluations_of_different_test_samples_are_not_compared()
    {
        Assert.Throws<UnpairedEvaluationsException>(() => PairedComparison.Of(Simulated(1, 40, 0.8), Simulated(1, 41, 0.8)));
    }

    [Theory]
    [InlineData("accuracy")]
    [InlineData("wer.")]
    [InlineData("wer.everyone")]
    [InlineData("")]
    public void An_unknown_metric_is_named(string name) => Assert.Contains("word_accuracy", Assert.Throws<ArgumentException>(() => Metric.Parse(name)).Message, StringComparison.Ordinal);

    [Fact]
    public void Calibration_compares_confidence_with_being_right()
    {
        // 10 samples at 0.9, of which 7 are right; 10 at 0.3, of which 3 are right: (10·0.2 + 10·0) / 20.
        var samples = Enumerable.Range(0, 20).Select(i => new EvaluatedSample($"{i}", "s", true, "x", (i < 10 ? i < 7 : i < 13) ? "x" : "y", i < 10 ? 0.9 : 0.3)).ToArray();
        Assert.Equal(0.1, Calibration.ExpectedError(samples), 12);
        Assert.Equal(0, Calibration.ExpectedError([]));
        Assert.Equal(0, Calibration.ExpectedError([new("a", "s", true, "x", "x", 1), new("b", "s", true, "x", "y", 0)]));
    }

    // Speakers a and b are seen, c is not; each reading is right with the given probability.
    private static LipSol.Language.Evaluation.Evaluation Simulated(int seed, int clips, double accuracy)
    {
        var random = new Random(seed * 7919 + 1);
        return EvaluationFile.Create("data", Enumerable.Range(0, clips).Select(i =>
        {
            var expected = Vocabulary[i % Vocabulary.Length];
            var text = random.NextDouble() < accuracy ? expected : Vocabulary[(i + 1 + random.Next(Vocabulary.Length - 1)) % Vocabulary.Length];
            return new EvaluatedSample($"clip-{i:000}#0", i % 3 == 0 ? "a" : i % 3 == 1 ? "b" : "c", i % 3 != 2, expected, text, random.NextDouble());
        }));
    }
}
