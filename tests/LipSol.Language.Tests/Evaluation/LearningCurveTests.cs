using System.Text.Json;
using LipSol.Language.Evaluation;

namespace LipSol.Language.Tests.Evaluation;

public sealed class LearningCurveTests
{
    private static readonly double[] Sizes = [25, 50, 100, 200, 400];

    [Theory]
    [InlineData(0.05, 3, 0.5)]
    [InlineData(0, 1.5, 0.3)]
    [InlineData(0.2, 20, 1.2)]
    public void Points_on_a_power_law_give_that_law_back(double asymptote, double scale, double exponent)
    {
        var truth = new PowerLaw(asymptote, scale, exponent);
        var curve = LearningCurve.Fit(Sizes.Select(n => new LearningPoint(n, truth.At(n))));
        Assert.True(curve.HasAsymptote);
        Assert.Equal(asymptote, curve.Law.Asymptote, 4);
        Assert.Equal(exponent, curve.Law.Exponent, 3);
        Assert.Equal(truth.At(2000), curve.At(2000).Error, 4);
        Assert.Equal(5, curve.At(2000).Beyond);
        // Known by hand: error = a + s·n^−b, so n = (s / (error − a))^(1/b).
        var target = truth.At(1000);
        var needed = curve.Needed(target);
        Assert.InRange(needed.Size!.Value, 990, 1010);
        Assert.Equal(needed.Size.Value - 400, needed.More!.Value);
        Assert.Equal(1, needed.Reaching);
    }

    [Fact]
    public void An_error_below_the_asymptote_is_never_reached_and_one_that_is_reached_needs_no_more()
    {
        var truth = new PowerLaw(0.1, 2, 0.6);
        var curve = LearningCurve.Fit(Sizes.Select(n => new LearningPoint(n, truth.At(n), 0.002)));
        var never = curve.Needed(0.02);
        Assert.Equal((null, null, null, null), (never.Size, never.More, never.Low, never.High));
        Assert.Equal(0, never.Reaching);
        Assert.Equal(0, curve.Needed(0.5).More);
        Assert.InRange(curve.Needed(0.115).Reaching, 0.3, 1);
        Assert.Null(curve.Needed(0.101).High);
    }

    [Fact]
    public void About_95_of_100_intervals_hold_the_error_at_four_times_the_data()
    {
        var truth = new PowerLaw(0.06, 2.5, 0.55);
        var (known, unknown) = (0, 0);
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            var points = Sizes.SelectMany(n => Enumerable.Range(0, 3).Select(_ => new LearningPoint(n, truth.At(n) + 0.01 * Normal(random)))).ToArray();
            if (Holds(LearningCurve.Fit(points.Select(p => p with { StandardError = 0.01 }), seed, 150))) known++;
            if (Holds(LearningCurve.Fit(points, seed, 150))) unknown++;
        }
        Assert.InRange(known, 51, 60); // 95 % of 60 is 57
        Assert.InRange(unknown, 51, 60);

        bool Holds(LearningCurve curve) => curve.At(1600) is var e && e.Low <= truth.At(1600) && truth.At(1600) <= e.High && e.High - e.Low < 0.15;
        static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
    }

    [Fact]
    public void The_fit_is_as_good_as_an_exhaustive_search()
    {
        var random = new Random(4);
        for (var n = 0; n < 10; n++)
        {
            double[] errors = [.. Sizes.Select((s, i) => 0.5 / (i + 1) + 0.1 * random.NextDouble())], weights = [.. Sizes.Select(_ => 0.2 + random.NextDouble())];
            var law = PowerLaw.Fit(Sizes, errors, weights, withAsymptote: true);
            Assert.True(law is { Asymptote: >= 0, Scale: >= 0 });
            var best = double.PositiveInfinity;
            for (var exponent = 0.05; exponent < 3; exponent += 0.1)
                for (var asymptote = 0.0; asymptote <= 0.4; asymptote += 0.01)
                    for (var first = 0.05; first < 0.8; first += 0.01)
                        best = Math.Min(best, Loss(new PowerLaw(asymptote, (first - asymptote) * Math.Pow(25, exponent), exponent)));
            Assert.True(Loss(law) <= best + 1e-9, $"{Loss(law)} against {best}");

            double Loss(PowerLaw l) => l.Scale < 0 ? double.PositiveInfinity : Sizes.Select((s, i) => weights[i] * Math.Pow(errors[i] - l.At(s), 2)).Sum();
        }
    }

    [Fact]
    public void Three_sizes_have_no_asymptote_and_say_so()
    {
        var curve = LearningCurve.Fit([new(100, 0.4), new(200, 0.3), new(400, 0.24)]);
        Assert.False(curve.HasAsymptote);
        Assert.Equal(0, curve.Law.Asymptote);
        Assert.True(curve.At(800).Low < curve.At(800).Error && curve.At(800).Error < curve.At(800).High);
    }

    [Fact]
    public void A_curve_that_does_not_fall_promises_nothing()
    {
        var curve = LearningCurve.Fit(Sizes.Select((n, i) => new LearningPoint(n, 0.3 + 0.01 * i)));
        Assert.Equal(0.32, curve.At(10_000).Error, 6);
        Assert.Null(curve.Needed(0.2).Size);
    }

    [Fact]
    public void What_no_curve_can_be_fitted_to_is_refused()
    {
        Assert.Contains("three sizes", Assert.Throws<ArgumentException>(() => LearningCurve.Fit([new(1, 0.5), new(2, 0.4), new(2, 0.41)])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => LearningCurve.Fit([new(0, 0.5), new(2, 0.4), new(3, 0.41)]));
        Assert.Throws<ArgumentException>(() => LearningCurve.Fit([new(1, double.NaN), new(2, 0.4), new(3, 0.41)]));
        Assert.Throws<ArgumentException>(() => LearningCurve.Fit([new(1, 0.5, 0), new(2, 0.4, 0.1), new(3, 0.41, 0.1)]));
        Assert.Throws<ArgumentException>(() => LearningCurve.Fit([new(1, 0.5, 0.1), new(2, 0.4), new(3, 0.41)]));
    }

    [Fact]
    public void A_curve_survives_json_with_its_intervals()
    {
        var curve = LearningCurve.Fit(Sizes.Select(n => new LearningPoint(n, 0.1 + 2 / Math.Sqrt(n) + (n == 100 ? 0.01 : 0))), seed: 3);
        var read = JsonSerializer.Deserialize<LearningCurve>(JsonSerializer.Serialize(curve))!;
        Assert.Equal(curve.At(1234), read.At(1234));
        Assert.Equal(curve.Needed(0.15), read.Needed(0.15));
        Assert.Equal(curve.At(1234), LearningCurve.Fit(curve.Points, seed: 3).At(1234));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void One_training_that_went_wrong_does_not_bend_the_curve(bool withStandardErrors)
    {
        var truth = new PowerLaw(0.05, 3, 0.5);
        var random = new Random(1);
        var points = new[] { 50, 100, 200, 400, 800 }.SelectMany(n => Enumerable.Range(0, 3)
            .Select(_ => new LearningPoint(n, truth.At(n) + 0.008 * (random.NextDouble() - 0.5), withStandardErrors ? 0.0025 : null))).ToArray();
        points[^1] = points[^1] with { Error = 0.9 };
        var curve = LearningCurve.Fit(points);
        Assert.InRange(curve.At(800).Error, truth.At(800) - 0.01, truth.At(800) + 0.01);
        Assert.InRange(curve.At(3200).Error, truth.At(3200) - 0.03, truth.At(3200) + 0.03);
        Assert.True(curve.At(800).High - curve.At(800).Low < 0.1);
    }

    [Fact]
    public void An_answer_far_beyond_what_was_measured_says_so()
    {
        var curve = LearningCurve.Fit(new[] { 50, 100, 200, 400, 800 }.Select(n => new LearningPoint(n, 3 / Math.Sqrt(n) + 0.1)));
        Assert.Equal(22_500 / 800.0, curve.Needed(0.12).Beyond!.Value, 1); // 3·n^(−1/2) = 0.02 at n = 22 500
        Assert.Equal(0.5, curve.Needed(0.25).Beyond!.Value, 2);
        Assert.Null(curve.Needed(0.09).Beyond);
    }
}
