namespace LipSol.Language.Evaluation;

/// <summary>The error of a model that was trained on so much.</summary>
/// <param name="Size">Clips, or speakers.</param>
/// <param name="Error">WER or another error rate on the same test set.</param>
/// <param name="StandardError">Of that error, where it's known (a quarter of the width of a figure's interval, or a spread over seeds by the root of their number). For all points or for none.</param>
public sealed record LearningPoint(double Size, double Error, double? StandardError = null);

/// <summary>An error that a learning curve expects.</summary>
/// <param name="Size">Clips, or speakers.</param>
/// <param name="Error">The expected error.</param>
/// <param name="Low">Lower end of its 95 % interval.</param>
/// <param name="High">Upper end.</param>
/// <param name="Beyond">The size by the largest that was measured: above 1 it's an extrapolation, and above about 10 hardly more than a guess, whatever the interval.</param>
public sealed record ExpectedError(double Size, double Error, double Low, double High, double Beyond);

/// <summary>How much must be recorded to reach an error.</summary>
/// <param name="Target">The error.</param>
/// <param name="Size">Clips (or speakers) in all; null where the curve never gets there.</param>
/// <param name="More">How many more than the most that was measured; null as <paramref name="Size"/>.</param>
/// <param name="Low">Lower end of the size's 95 % interval; null where even that isn't reached.</param>
/// <param name="High">Upper end; null: there is no telling that it's ever reached.</param>
/// <param name="Reaching">The share of the curves that agree with the measurements and get there at all.</param>
public sealed record RequiredSize(double Target, double? Size, double? More, double? Low, double? High, double Reaching)
{
    /// <summary>The size by the largest that was measured, as <see cref="ExpectedError.Beyond"/>: above about 10 the answer is hardly more than a guess. Null as <see cref="Size"/>.</summary>
    public double? Beyond { get; init; }
}

/// <summary>How the error falls with what is recorded: a power law (Cortes et al. 1993, Hestness et al. 2017) fitted to trainings on parts of a corpus. Answers "how many more must I record?"</summary>
/// <remarks>
/// The intervals come from curves fitted to measurements that are drawn anew around the fitted one (parametric bootstrap), with the points' standard errors, or, where these aren't
/// known, with the spread of the points around the curve, drawn as it is uncertain itself. They know nothing of what a power law leaves out: new speakers may differ from those
/// there are. The curve is fitted by Huber's loss (1964), so that one training that went wrong doesn't bend it.
/// </remarks>
public sealed record LearningCurve
{
    /// <summary>What was measured, smallest first.</summary>
    public required IReadOnlyList<LearningPoint> Points { get; init; }
    /// <summary>The curve.</summary>
    public required PowerLaw Law { get; init; }
    /// <summary>Whether an asymptote was fitted. Under four different sizes there's nothing to tell it by: it's 0 then, and what lies beyond the points is the best that can be hoped for.</summary>
    public required bool HasAsymptote { get; init; }
    /// <summary>The curves of the bootstrap.</summary>
    public required IReadOnlyList<PowerLaw> Draws { get; init; }

    /// <summary>Fits a curve.</summary>
    /// <param name="points">At least three sizes; several points of one size (seeds, or other parts of the corpus) are welcome.</param>
    /// <param name="seed">Of the bootstrap.</param>
    /// <param name="draws">Curves of the bootstrap.</param>
    /// <exception cref="ArgumentException">Too few sizes, a value that can't be one, or standard errors for some points only.</exception>
    public static LearningCurve Fit(IEnumerable<LearningPoint> points, int seed = 0, int draws = 400)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(draws, 100);
        var sorted = points.OrderBy(p => p.Size).ThenBy(p => p.Error).ToArray();
        var different = sorted.Select(p => p.Size).Distinct().Count();
        if (different < 3) throw new ArgumentException($"A learning curve needs at least three sizes; there are {different}.", nameof(points));
        if (sorted.FirstOrDefault(p => !(p.Size > 0 && double.IsFinite(p.Size) && p.Error >= 0 && double.IsFinite(p.Error) && p.StandardError is not <= 0)) is { } impossible)
            throw new ArgumentException($"A size is above 0, an error at least 0, a standard error above 0; there is {impossible}.", nameof(points));
        var known = sorted.Count(p => p.StandardError is not null);
        if (known > 0 && known < sorted.Length) throw new ArgumentException("Some points have a standard error and some none: give it for all or for none.", nameof(points));

        double[] sizes = [.. sorted.Select(p => p.Size)], errors = [.. sorted.Select(p => p.Error)];
        double[] weights = [.. sorted.Select(p => p.StandardError is { } e ? 1 / (e * e) : 1)];
        var withAsymptote = different >= 4;
        var freedom = Math.Max(1, sorted.Length - (withAsymptote ? 3 : 2));
        var (law, trust) = Robust(sizes, errors, weights, withAsymptote, freedom, known > 0);
        var fitted = sizes.Select(law.At).ToArray();
        var residual = Math.Sqrt(fitted.Select((f, i) => trust[i] * (f - errors[i]) * (f - errors[i])).Sum() / freedom);
        var random = new Random(seed);
        var laws = new PowerLaw[draws];
        for (var d = 0; d < draws; d++)
        {
            // A residual spread from few points is uncertain itself: scaled by a drawn chi-square, as Student's t is.
            var spread = residual * Math.Sqrt(freedom / Enumerable.Range(0, freedom).Sum(_ => Math.Pow(Normal(random), 2)));
            for (var i = 0; i < errors.Length; i++) errors[i] = Math.Max(0, fitted[i] + Normal(random) * (sorted[i].StandardError ?? spread));
            laws[d] = PowerLaw.Fit(sizes, errors, weights, withAsymptote);
        }
        return new LearningCurve { Points = sorted, Law = law, HasAsymptote = withAsymptote, Draws = laws };
    }

    /// <summary>The error to be expected of a training on so much.</summary>
    public ExpectedError At(double size)
    {
        var drawn = Draws.Select(law => law.At(size)).Order().ToArray();
        return new ExpectedError(size, Law.At(size), Quantile(drawn, 0.025), Quantile(drawn, 0.975), size / Points[^1].Size);
    }

    /// <summary>How much it takes to reach an error.</summary>
    public RequiredSize Needed(double target)
    {
        var drawn = Draws.Select(law => Size(law, target)).Order().ToArray();
        var size = Finite(Size(Law, target));
        return new RequiredSize(target, size, size is { } s ? Math.Max(0, s - Points[^1].Size) : null,
            Finite(Nearest(drawn, 0.025)), Finite(Nearest(drawn, 0.975)), drawn.Count(double.IsFinite) / (double)drawn.Length)
        { Beyond = size / Points[^1].Size };
    }

    // Least squares, weighted anew by how far each point lies off: beyond 1.345 standard deviations (95 % as good as least squares where nothing went wrong) by Huber's weight.
    private static (PowerLaw Law, double[] Trust) Robust(double[] sizes, double[] errors, double[] weights, bool withAsymptote, int freedom, bool known)
    {
        const double bound = 1.345;
        var trust = Enumerable.Repeat(1.0, sizes.Length).ToArray();
        var law = PowerLaw.Fit(sizes, errors, weights, withAsymptote);
        for (var round = 0; round < 20; round++)
        {
            var off = sizes.Select((size, i) => Math.Abs(errors[i] - law.At(size)) * (known ? Math.Sqrt(weights[i]) : 1)).ToArray();
            // The spread by the median distance, which an outlier doesn't widen; what the parameters took away is given back.
            var spread = known ? 1 : 1.4826 * off.Order().ElementAt(off.Length / 2) * Math.Sqrt(off.Length / (double)freedom);
            if (spread < 1e-9) break; // the points lie on a curve
            for (var i = 0; i < trust.Length; i++) trust[i] = Math.Min(1, bound * spread / Math.Max(off[i], 1e-12));
            if (trust.All(t => t == 1)) break;
            law = PowerLaw.Fit(sizes, errors, [.. weights.Zip(trust, (w, t) => w * t)], withAsymptote);
        }
        return (law, trust);
    }

    // Nobody records a billion clips: what would take more is never reached.
    private static double Size(PowerLaw law, double target) => law.SizeFor(target) is var size && size < 1e9 ? Math.Ceiling(size) : double.PositiveInfinity;

    private static double? Finite(double size) => double.IsFinite(size) ? size : null;

    private static double Nearest(double[] sorted, double share) => sorted[(int)Math.Round(share * (sorted.Length - 1))];

    private static double Quantile(double[] sorted, double share)
    {
        var position = share * (sorted.Length - 1);
        var below = (int)position;
        return sorted[below] + (position - below) * (sorted[Math.Min(below + 1, sorted.Length - 1)] - sorted[below]);
    }

    // Box and Muller 1958.
    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
