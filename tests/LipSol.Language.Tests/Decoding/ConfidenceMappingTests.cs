using LipSol.Language.Decoding;
using LipSol.Language.Evaluation;

namespace LipSol.Language.Tests.Decoding;

public sealed class ConfidenceMappingTests
{
    // From doubtful to sure, as a decoder has them.
    private static readonly double[] Raw = [.. Enumerable.Range(0, 40).Select(i => Sigmoid(0.5 + 0.3 * i))];

    [Fact]
    public void An_all_right_val_leaves_the_decoders_own_differences()
    {
        var mapping = ConfidenceMapping.Fit(Raw.Select(c => (c, true)));
        Assert.InRange(mapping.Slope, 0.5, 2);
        Assert.InRange(mapping.Map(0.5), 0.4, 0.9);
        Assert.True(mapping.Map(0.01) < 0.2, $"{mapping}");
        // 40 of 40 right: the next one is right in 41 of 42 cases, by the rule of succession.
        Assert.Equal(41 / 42.0, mapping.Map(1), 3);
        Rises(mapping);
    }

    [Fact]
    public void An_all_wrong_val_takes_confidence_from_every_answer()
    {
        var mapping = ConfidenceMapping.Fit(Raw.Select(c => (c, false)));
        Assert.All(Raw, c => Assert.InRange(mapping.Map(c), 1 / 42.0, 0.2));
        Rises(mapping);
    }

    [Theory]
    [InlineData(3, 3, 0.75, 0.8)]
    [InlineData(1, 1, 0.6, 2 / 3.0)]
    [InlineData(0, 1, 1 / 3.0, 0.67)]
    [InlineData(0, 3, 0.2, 0.45)]
    [InlineData(0, 0, 0.99, 1)]
    public void A_mapping_from_next_to_nothing_is_no_certainty(int right, int count, double low, double high)
    {
        var mapping = ConfidenceMapping.Fit(Enumerable.Range(0, count).Select(i => (0.999999999, i < right)));
        Assert.InRange(mapping.Map(1), low - 1e-6, high + 1e-6);
        Rises(mapping);
    }

    [Fact]
    public void Answers_that_a_confidence_tells_apart_without_an_error_make_no_step()
    {
        // Plain maximum likelihood has no finite slope here.
        var mapping = ConfidenceMapping.Fit(Raw.Select(c => (c, c > 0.9)));
        Assert.InRange(mapping.Slope, 1, 8);
        Assert.True(mapping.Map(0.99) > 0.8 && mapping.Map(0.7) < 0.3, $"{mapping}");
    }

    [Fact]
    public void A_mapping_never_turns_the_order_of_answers_round()
    {
        var mapping = ConfidenceMapping.Fit([.. Enumerable.Repeat((0.9, false), 40), .. Enumerable.Repeat((0.1, true), 40), (0.5, true)]);
        Assert.InRange(mapping.Slope, 0, 0.1);
        Assert.InRange(mapping.Map(0.9), 0.45, 0.6);
        Rises(mapping);
    }

    [Fact]
    public void A_mapping_fitted_on_some_answers_calibrates_others()
    {
        var mapping = ConfidenceMapping.Fit(Oversure(new Random(5), 4000));
        Assert.InRange(mapping.Slope, 0.45, 0.55);
        Assert.InRange(mapping.Intercept, -0.85, -0.55);
        var test = Oversure(new Random(6), 4000);
        Assert.True(Error(test, c => c) > 0.1);
        Assert.True(Error(test, mapping.Map) < 0.03);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(240)]
    [InlineData(1000)]
    public void Where_plain_maximum_likelihood_does_well_it_does_no_worse(int count)
    {
        double ours = 0, plain = 0;
        for (var seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            var (val, test) = (Oversure(random, count), Oversure(random, 4000));
            ours += Error(test, ConfidenceMapping.Fit(val).Map) / 20;
            plain += Error(test, Platt(val)) / 20;
        }
        Assert.True(ours <= plain + 0.001, $"{count} answers: expected calibration error {ours}, by plain maximum likelihood {plain}");
        Assert.InRange(ours, 0, count == 40 ? 0.12 : 0.05);
    }

    private static double Error(IEnumerable<(double Confidence, bool Correct)> answers, Func<double, double> map) => Calibration.Reliability(answers.Select(a => (map(a.Confidence), a.Correct))).ExpectedError;

    // A reader that is too sure: right with the probability that half the log odds tell, and a little less.
    private static (double Confidence, bool Correct)[] Oversure(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ =>
    {
        var logOdds = random.NextDouble() * 10 - 2;
        return (Sigmoid(logOdds), random.NextDouble() < Sigmoid(0.5 * logOdds - 0.7));
    })];

    /// <summary>Platt's fit as he has it: maximum likelihood with his targets, by plain gradient steps.</summary>
    private static Func<double, double> Platt((double Confidence, bool Correct)[] answers)
    {
        var right = answers.Count(a => a.Correct);
        double one = (right + 1.0) / (right + 2), zero = 1.0 / (answers.Length - right + 2);
        double slope = 0, intercept = 0;
        for (var step = 0; step < 1500; step++)
        {
            double a = 0, b = 0;
            foreach (var (confidence, correct) in answers)
            {
                var x = LogOdds(confidence);
                var error = Sigmoid(slope * x + intercept) - (correct ? one : zero);
                (a, b) = (a + error * x, b + error);
            }
            (slope, intercept) = (slope - 0.3 * a / answers.Length, intercept - 0.3 * b / answers.Length);
        }
        return c => Sigmoid(slope * LogOdds(c) + intercept);
    }

    private static void Rises(ConfidenceMapping mapping)
    {
        var mapped = Enumerable.Range(1, 99).Select(i => mapping.Map(i / 100.0)).ToArray();
        Assert.All(mapped.Zip(mapped.Skip(1)), p => Assert.True(p.First < p.Second, $"{mapping}"));
        Assert.All(mapped, c => Assert.InRange(c, 0, 1));
    }

    private static double Sigmoid(double logOdds) => 1 / (1 + Math.Exp(-logOdds));

    private static double LogOdds(double p) => Math.Log(p / (1 - p));
}
