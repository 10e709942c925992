namespace LipSol.Language.Decoding;

/// <summary>Turns a decoder's raw confidence into the share of such answers that are right (Platt 1999): a logistic curve over the log odds.</summary>
/// <param name="Slope">Below 1 where the decoder is too sure of itself; never negative, so that the order of answers stays.</param>
/// <param name="Intercept">Log odds of an answer of raw confidence ½.</param>
public sealed record ConfidenceMapping(double Slope, double Intercept)
{
    private const double Least = 1e-6;

    /// <summary>Leaves a confidence as it is, but for the last millionth at both ends.</summary>
    public static ConfidenceMapping Identity { get; } = new(1, 0);

    /// <summary>The calibrated confidence, 0 to 1.</summary>
    public double Map(double confidence) => 1 / (1 + Math.Exp(-(Slope * LogOdds(confidence) + Intercept)));

    /// <summary>The curve that fits held-out answers (of <c>val</c>, never of <c>test</c>) best.</summary>
    /// <param name="answers">Raw confidences and whether the answer was right.</param>
    /// <remarks>Maximum likelihood with Platt's targets, which keep a handful of all-right answers from meaning certainty. <see cref="Identity"/> for no answers.</remarks>
    public static ConfidenceMapping Fit(IEnumerable<(double Confidence, bool Correct)> answers)
    {
        var all = answers.Select(a => (X: LogOdds(a.Confidence), a.Correct)).ToArray();
        if (all.Length == 0) return Identity;
        var right = all.Count(a => a.Correct);
        double one = (right + 1.0) / (right + 2), zero = 1.0 / (all.Length - right + 2);
        var points = all.Select(a => (a.X, Target: a.Correct ? one : zero)).ToArray();
        var fitted = Newton(points, withSlope: true);
        return fitted.Slope >= 0 ? fitted : Newton(points, withSlope: false);
    }

    private static ConfidenceMapping Newton((double X, double Target)[] points, bool withSlope)
    {
        const double ridge = 1e-9;
        var (slope, intercept) = (0.0, 0.0);
        var loss = Loss(points, slope, intercept);
        for (var i = 0; i < 100; i++)
        {
            double gradientSlope = 0, gradientIntercept = 0, a = ridge, b = 0, c = ridge;
            foreach (var (x, target) in points)
            {
                var p = 1 / (1 + Math.Exp(-(slope * x + intercept)));
                gradientSlope += (p - target) * x;
                gradientIntercept += p - target;
                var weight = p * (1 - p);
                (a, b, c) = (a + weight * x * x, b + weight * x, c + weight);
            }
            if (!withSlope) (gradientSlope, b) = (0, 0);
            var determinant = a * c - b * b;
            var stepSlope = (c * gradientSlope - b * gradientIntercept) / determinant;
            var stepIntercept = (a * gradientIntercept - b * gradientSlope) / determinant;
            var share = 1.0; // halved until it helps: far from the optimum a full step may overshoot
            double next;
            while ((next = Loss(points, slope - share * stepSlope, intercept - share * stepIntercept)) > loss && share > 1e-10) share /= 2;
            if (next > loss) break;
            (slope, intercept) = (slope - share * stepSlope, intercept - share * stepIntercept);
            if (loss - next < 1e-12 * Math.Max(1, loss)) break;
            loss = next;
        }
        return new ConfidenceMapping(slope, intercept);
    }

    private static double Loss((double X, double Target)[] points, double slope, double intercept)
    {
        var sum = 0.0;
        foreach (var (x, target) in points)
        {
            var z = slope * x + intercept;
            sum += Math.Max(z, 0) + Math.Log(1 + Math.Exp(-Math.Abs(z))) - target * z;
        }
        return sum;
    }

    private static double LogOdds(double confidence)
    {
        var p = Math.Clamp(confidence, Least, 1 - Least);
        return Math.Log(p / (1 - p));
    }
}
