namespace LipSol.Language.Evaluation;

/// <summary>error(n) = <paramref name="Asymptote"/> + <paramref name="Scale"/>·n^−<paramref name="Exponent"/>.</summary>
/// <param name="Asymptote">The error that no amount of data of this kind takes away; 0 or more.</param>
/// <param name="Scale">What one clip (or speaker) alone would leave above that; 0 or more.</param>
/// <param name="Exponent">How fast it falls.</param>
public sealed record PowerLaw(double Asymptote, double Scale, double Exponent)
{
    // Learning curves of recognisers fall with exponents of about 0.1 to 0.5 (Hestness et al. 2017); the bounds only keep a fit from running away.
    private const double LeastExponent = 0.03, MostExponent = 3;
    private const int Steps = 60;

    /// <summary>The error at a size.</summary>
    public double At(double size) => Asymptote + Scale * Math.Pow(size, -Exponent);

    /// <summary>The size at which the error is reached; infinite where it never is.</summary>
    public double SizeFor(double error) => error > Asymptote && Scale > 0 ? Math.Pow(Scale / (error - Asymptote), 1 / Exponent)
        : Scale == 0 && Asymptote <= error ? 0 : double.PositiveInfinity;

    /// <summary>Weighted least squares. For a given exponent the rest is linear, so only the exponent is searched for: no starting value decides the result.</summary>
    internal static PowerLaw Fit(ReadOnlySpan<double> sizes, ReadOnlySpan<double> errors, ReadOnlySpan<double> weights, bool withAsymptote)
    {
        // The best of a grid that is even in the exponent's logarithm, then golden section between its neighbours.
        var ratio = Math.Pow(MostExponent / LeastExponent, 1.0 / Steps);
        var (best, bestLoss) = (0, double.PositiveInfinity);
        for (var i = 0; i <= Steps; i++)
        {
            var loss = Linear(sizes, errors, weights, LeastExponent * Math.Pow(ratio, i), withAsymptote).Loss;
            if (loss < bestLoss) (best, bestLoss) = (i, loss);
        }
        const double golden = 0.6180339887498949;
        double low = Math.Log(LeastExponent) + Math.Log(ratio) * Math.Max(0, best - 1), high = Math.Log(LeastExponent) + Math.Log(ratio) * Math.Min(Steps, best + 1);
        for (var i = 0; i < 40; i++)
        {
            var (left, right) = (high - golden * (high - low), low + golden * (high - low));
            var leftIsBetter = Linear(sizes, errors, weights, Math.Exp(left), withAsymptote).Loss <= Linear(sizes, errors, weights, Math.Exp(right), withAsymptote).Loss;
            (low, high) = leftIsBetter ? (low, right) : (left, high);
        }
        return Linear(sizes, errors, weights, Math.Exp((low + high) / 2), withAsymptote).Law;
    }

    private static (PowerLaw Law, double Loss) Linear(ReadOnlySpan<double> sizes, ReadOnlySpan<double> errors, ReadOnlySpan<double> weights, double exponent, bool withAsymptote)
    {
        // Sizes relative to the largest keep the sums of one order of magnitude.
        var largest = 0.0;
        foreach (var size in sizes) largest = Math.Max(largest, size);
        double w = 0, wx = 0, wy = 0, wxx = 0, wxy = 0;
        for (var i = 0; i < sizes.Length; i++)
        {
            var x = Math.Pow(sizes[i] / largest, -exponent);
            w += weights[i];
            wx += weights[i] * x;
            wy += weights[i] * errors[i];
            wxx += weights[i] * x * x;
            wxy += weights[i] * x * errors[i];
        }
        var determinant = w * wxx - wx * wx;
        var (asymptote, scale) = withAsymptote && determinant > 0 ? ((wxx * wy - wx * wxy) / determinant, (w * wxy - wx * wy) / determinant) : (0, wxy / wxx);
        // Neither may be negative: then the other one alone is best.
        if (scale < 0) (asymptote, scale) = (wy / w, 0);
        else if (asymptote < 0) (asymptote, scale) = (0, wxy / wxx);
        var law = new PowerLaw(asymptote, scale * Math.Pow(largest, exponent), exponent);
        var loss = 0.0;
        for (var i = 0; i < sizes.Length; i++) loss += weights[i] * Math.Pow(errors[i] - law.At(sizes[i]), 2);
        return (law, loss);
    }
}
