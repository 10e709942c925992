using LipSol.Language.Evaluation;

namespace LipSol.Language.Tests.Evaluation;

public sealed class PairedComparisonTests
{
    [Fact]
    public void Figures_and_differences_are_those_counted_by_hand()
    {
        // a, b seen by both; c by the candidate alone; d by neither.
        var ours = Make([("a", true, true), ("b", true, true), ("c", true, false), ("d", false, true)]);
        var theirs = Make([("a", true, true), ("b", true, false), ("c", false, true), ("d", false, false)]);
        var compared = PairedComparison.Of(ours, theirs);
        var all = compared.Figures["word_accuracy"];
        Assert.Equal((0.75, 0.5, 0.25, 4), (all.Ours.Value, all.Theirs.Value, all.Difference.Value, all.Difference.Count));
        Assert.Equal((1, 0.5, 2), (compared.Figures["word_accuracy.seen"].Ours.Value, compared.Figures["word_accuracy.seen"].Theirs.Value, compared.Figures["word_accuracy.seen"].Ours.Count));
        Assert.Equal(1, compared.Figures["word_accuracy.unseen"].Ours.Count);
        Assert.Equal(-0.25, compared.Figures["wer"].Difference.Value);
        Assert.True(compared.Figures["wer"].ProbabilityBetter > 0.5);
        Assert.Equal(["a#0", "b#0", "c#0", "d#0"], compared.Samples.Select(s => s.Ours.Id));
    }

    [Fact]
    public void The_same_model_against_itself_is_better_half_the_time_and_the_difference_is_still_not_known_to_be_none()
    {
        var model = Random(3, 0.7, 40);
        var figure = PairedComparison.Of(model, model).Figures["cer"];
        Assert.Equal((0, 0.5), (figure.Difference.Value, figure.ProbabilityBetter));
        Assert.InRange(figure.Difference.High, 0.05, 0.2);
        Assert.Equal(-figure.Difference.Low, figure.Difference.High);
    }

    [Fact]
    public void A_models_own_figure_is_the_one_it_has_alone()
    {
        var (ours, theirs) = (Random(1, 0.8, 120), Random(2, 0.7, 120));
        var compared = PairedComparison.Of(ours, theirs, seed: 5, resamples: 2000);
        var alone = EvaluationReport.From(ours).Figures["word_accuracy"];
        Assert.Equal(alone.Value, compared.Figures["word_accuracy"].Ours.Value);
        Assert.InRange(compared.Figures["word_accuracy"].Ours.Low, alone.Low - 0.02, alone.Low + 0.02);
    }

    [Fact]
    public void The_intervals_of_differences_hold_the_truth_about_as_often_as_they_say()
    {
        // Two models whose errors go together: right with 0.8 and 0.7, and where the better errs the other errs too, three times in four.
        const double truth = 0.1;
        var held = 0;
        const int worlds = 200;
        for (var world = 0; world < worlds; world++)
        {
            var random = new Random(1000 + world);
            var samples = Enumerable.Range(0, 150).Select(i =>
            {
                var ours = random.NextDouble() < 0.8;
                var theirs = random.NextDouble() < (ours ? 0.8125 : 0.25);
                return (Id: $"clip{i}", Ours: ours, Theirs: theirs);
            }).ToArray();
            var compared = PairedComparison.Of(Make([.. samples.Select(s => (s.Id, true, s.Ours))]), Make([.. samples.Select(s => (s.Id, true, s.Theirs))]), seed: world, resamples: 400);
            var d = compared.Figures["word_accuracy"].Difference;
            if (d.Low <= truth && truth <= d.High) held++;
        }
        Assert.InRange(held / (double)worlds, 0.90, 0.99);
    }

    [Fact]
    public void Words_of_one_clip_stay_together()
    {
        // Ten words of each clip are right or wrong together: the interval is that of 20 clips, not of 200 words.
        var samples = Enumerable.Range(0, 200).Select(i => new EvaluatedSample($"clip{i / 10:00}#{i % 10}", "s", true, "کب", i / 10 % 2 == 0 ? "کب" : "ایک", 0.9));
        var none = Enumerable.Range(0, 200).Select(i => new EvaluatedSample($"clip{i / 10:00}#{i % 10}", "s", true, "کب", "ایک", 0.9));
        var figure = PairedComparison.Of(EvaluationFile.Create("d", samples), EvaluationFile.Create("d", none)).Figures["word_accuracy"];
        Assert.Equal((20, 200), (figure.Clips, figure.Difference.Count));
        Assert.InRange(figure.Difference.High - figure.Difference.Low, 0.35, 0.55);
    }

    [Fact]
    public void The_worst_come_first_and_those_that_the_other_reads_right_before_those_that_it_errs_on_too()
    {
        var ours = Make([("a", true, false), ("b", true, false), ("c", true, true)]);
        var theirs = Make([("a", true, false), ("b", true, true), ("c", true, true)]);
        Assert.Equal(["b#0", "a#0"], PairedComparison.Of(ours, theirs).Worst(10).Select(s => s.Ours.Id));
        Assert.Single(PairedComparison.Of(ours, theirs).Worst(1));
    }

    [Fact]
    public void Different_samples_are_not_compared() =>
        Assert.Throws<UnpairedEvaluationsException>(() => PairedComparison.Of(Make([("a", true, true)]), Make([("b", true, true)])));

    private static LipSol.Language.Evaluation.Evaluation Make((string Clip, bool Seen, bool Right)[] samples) =>
        EvaluationFile.Create("d", samples.Select(s => new EvaluatedSample(s.Clip + "#0", "speaker", s.Seen, "کب", s.Right ? "کب" : "ایک", 0.9)));

    private static LipSol.Language.Evaluation.Evaluation Random(int seed, double accuracy, int count)
    {
        var random = new Random(seed);
        return Make([.. Enumerable.Range(0, count).Select(i => ($"clip{i:000}", i % 2 == 0, random.NextDouble() < accuracy))]);
    }
}
