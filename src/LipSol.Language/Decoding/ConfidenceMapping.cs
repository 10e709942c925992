namespace LipSol.Language.Decoding;

/// <summary>Turns a decoder's raw confidence into the share of such answers that are right: a logistic curve over the log odds (Platt 1999) between <paramref name="Lapse"/> ÷ 2 and 1 − <paramref name="Lapse"/> ÷ 2.</summary>
/// <param name="Slope">Below 1 where the decoder is too sure of itself; never negative, so that the order of answers stays.</param>
/// <param name="Intercept">Log odds of an answer of raw confidence ½.</param>
/// <param name="Lapse">How near to certainty the answers that it was fitted on can bring it: the share of answers that are a toss-up (as the lapse rate of psychometric curves, Wichmann and Hill 2001). 0 in models made before it was kept.</param>
public sealed record ConfidenceMapping(double Slope, double Intercept, double Lapse = 0)
{
    private const double Least = 1e-6;

    // Weakly informative, as Gelman et al. 2008 recommend for logistic regression: slopes of 0.14 to 7 and intercepts of ±5 within two deviations.
    private const double DeviationOfLogSlope = 1, DeviationOfIntercept = 2.5;

    /// <summary>Leaves a confidence as it is, but for the last millionth at both ends.</summary>
    public static ConfidenceMapping Identity { get; } = new(1, 0);

    /// <summary>The calibrated confidence, 0 to 1. The surer the decoder, the higher.</summary>
    public double Map(double confidence) => Lapse / 2 + (1 - Lapse) / (1 + Math.Exp(-(Slope * LogOdds(confidence) + Intercept)));

    /// <summary>The curve that fits held-out answers (of <c>val</c>, never of <c>test</c>) best.</summary>
    /// <param name="answers">Raw confidences and whether the answer was right.</param>
    /// <remarks>
    /// <para>The likeliest slope and intercept given the answers and a prior around <see cref="Identity"/>: log slope and intercept are normal around 0. Many answers overrule it. Where they say nothing about the slope, because all
    /// are right or all are wrong, the decoder's own differences stay, where plain maximum likelihood has a slope of 0 and so the same confidence for every answer.</para>
    /// <para>What keeps a handful of answers from meaning certainty is Laplace's rule of succession, as in Platt's targets, but at the ends of the curve: after N answers nothing is surer than (N + 1) in (N + 2). As targets of the fit it
    /// would ask for that confidence of every answer of an all-right <c>val</c>, and flatten the curve again.</para>
    /// <para><see cref="Identity"/> for no answers.</para>
    /// </remarks>
    public static ConfidenceMapping Fit(IEnumerable<(double Confidence, bool Correct)> answers)
    {
        (double X, bool Correct)[] points = [.. answers.Select(a => (LogOdds(a.Confidence), a.Correct))];
        if (points.Length == 0) return Identity;
        var slope = Math.Exp(LogSlope(points));
        return new ConfidenceMapping(slope, InterceptFor(points, slope), 2.0 / (points.Length + 2));
    }

    private static double LogSlope((double X, bool Correct)[] points)
    {
        // Ten times as fine a grid around the best of the last: no derivative, and no starting value decides the result.
        var (best, reach) = (-1.5, 4.5);
        for (var round = 0; round < 7; round++, reach /= 10)
            best = Enumerable.Range(-10, 21).Select(i => best + i * reach / 10).MinBy(logSlope => MinusLogPosterior(points, logSlope));
        return best;
    }

    private static double MinusLogPosterior((double X, bool Correct)[] points, double logSlope)
    {
        var slope = Math.Exp(logSlope);
        var intercept = InterceptFor(points, slope);
        var sum = (Square(logSlope / DeviationOfLogSlope) + Square(intercept / DeviationOfIntercept)) / 2;
        foreach (var (x, correct) in points)
        {
            var z = slope * x + intercept;
            sum += Math.Max(z, 0) + Math.Log(1 + Math.Exp(-Math.Abs(z))) - (correct ? z : 0);
        }
        return sum;
    }

    /// <summary>The best intercept for a slope: where the gradient, which grows with it, is 0.</summary>
    private static double InterceptFor((double X, bool Correct)[] points, double slope)
    {
        var (low, high) = (-100.0, 100.0);
        for (var i = 0; i < 40; i++)
        {
            var middle = (low + high) / 2;
            var gradient = middle / Square(DeviationOfIntercept);
            foreach (var (x, correct) in points) gradient += 1 / (1 + Math.Exp(-(slope * x + middle))) - (correct ? 1 : 0);
            if (gradient > 0) high = middle;
            else low = middle;
        }
        return (low + high) / 2;
    }

    private static double LogOdds(double confidence)
    {
        var p = Math.Clamp(confidence, Least, 1 - Least);
        return Math.Log(p / (1 - p));
    }

    private static double Square(double x) => x * x;
}
