using LipSol.Language.Scoring;

namespace LipSol.Language.Evaluation;

/// <summary>Two models on the same test samples, figure by figure, with what lies between them.</summary>
/// <remarks>
/// Both are drawn together (paired bootstrap over clips, and speakers where there are enough: Koehn 2004, Bisani and Ney 2004), so the interval of the difference is narrower than the two models' own intervals suggest.
/// <c>seen</c> holds the samples whose speaker both models were trained on, <c>unseen</c> those whose speaker neither was; a speaker that only one has seen counts in the whole alone.
/// </remarks>
public sealed record PairedComparison
{
    /// <summary>MD5 of the corpus manifest.</summary>
    public required string DataHash { get; init; }
    /// <summary>Identifies the test samples (see <see cref="Evaluation.TestHash"/>).</summary>
    public required string TestHash { get; init; }
    /// <summary>Figures by name (see <see cref="Metric"/>); scopes without a sample are left out.</summary>
    public required IReadOnlyDictionary<string, ComparedFigure> Figures { get; init; }
    /// <summary>The samples, ordered by id.</summary>
    public required IReadOnlyList<ComparedSample> Samples { get; init; }

    /// <summary>Compares.</summary>
    /// <param name="candidate">One model's readings.</param>
    /// <param name="against">The other's, of the same samples.</param>
    /// <param name="seed">Of the resampling: equal seeds give equal intervals.</param>
    /// <param name="resamples">Draws of the bootstrap.</param>
    /// <exception cref="UnpairedEvaluationsException">The two were made on different test samples.</exception>
    public static PairedComparison Of(Evaluation candidate, Evaluation against, int seed = 0, int resamples = 2000)
    {
        ArgumentNullException.ThrowIfNull(candidate);
        ArgumentNullException.ThrowIfNull(against);
        ArgumentOutOfRangeException.ThrowIfLessThan(resamples, 100);
        if (candidate.TestHash != against.TestHash) throw new UnpairedEvaluationsException(candidate.TestHash, against.TestHash);
        var samples = candidate.Samples.Zip(against.Samples, (ours, theirs) => ours.Id == theirs.Id && ours.Expected == theirs.Expected
            ? new ComparedSample(ours, theirs) : throw new UnpairedEvaluationsException(candidate.TestHash, against.TestHash)).ToArray();
        var kinds = Metric.KindsFor([.. candidate.Samples, .. against.Samples]);
        var figures = new Dictionary<string, ComparedFigure>();
        foreach (var (scope, covered) in Scopes(samples))
            Add(figures, [.. kinds.Select(kind => Metric.In(scope, kind))], covered, seed, resamples);
        return new PairedComparison { DataHash = candidate.DataHash, TestHash = candidate.TestHash, Figures = figures, Samples = samples };
    }

    /// <summary>The samples on which the candidate errs most, worst first; among equals those that the other model reads with fewer errors, then those with the most confidence in the wrong answer.</summary>
    public IReadOnlyList<ComparedSample> Worst(int most) =>
        [.. Samples.Select(s => (Sample: s, Ours: ErrorShare(s.Ours), Theirs: ErrorShare(s.Theirs))).Where(x => x.Sample.Ours.Expected != x.Sample.Ours.Text)
            .OrderByDescending(x => x.Ours).ThenBy(x => x.Theirs).ThenByDescending(x => x.Sample.Ours.Confidence).ThenBy(x => x.Sample.Ours.Id, StringComparer.Ordinal).Take(most).Select(x => x.Sample)];

    private static double ErrorShare(EvaluatedSample sample)
    {
        var counts = ErrorCounts.Of(sample.Expected, sample.Text);
        return counts.WordErrors / (double)Math.Max(1, counts.Words);
    }

    private static IEnumerable<(string Scope, ComparedSample[] Samples)> Scopes(ComparedSample[] samples) =>
        new (string Scope, ComparedSample[] Samples)[]
        {
            ("", samples),
            ("seen", [.. samples.Where(s => s.Ours.Seen && s.Theirs.Seen)]),
            ("unseen", [.. samples.Where(s => !s.Ours.Seen && !s.Theirs.Seen)]),
        }.Concat(samples.GroupBy(s => s.Ours.Speaker).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => ("speaker:" + g.Key, g.ToArray())))
        .Where(s => s.Item2.Length > 0);

    private static void Add(Dictionary<string, ComparedFigure> figures, Metric[] metrics, ComparedSample[] samples, int seed, int resamples)
    {
        EvaluatedSample[] ours = [.. samples.Select(s => s.Ours)], theirs = [.. samples.Select(s => s.Theirs)];
        var resampling = ClipResampling.Of(ours, out var clipOf);
        var oursPerClip = ClipResampling.Sum(ours, clipOf, resampling.Clips);
        var theirsPerClip = ClipResampling.Sum(theirs, clipOf, resampling.Clips);
        var draws = metrics.Select(_ => (Ours: new double[resamples], Theirs: new double[resamples], Difference: new double[resamples])).ToArray();
        var random = new Random(seed);
        var timesTaken = new int[resampling.Clips];
        for (var r = 0; r < resamples; r++)
        {
            resampling.Draw(random, timesTaken);
            var (a, b) = (ClipResampling.Weighted(oursPerClip, timesTaken), ClipResampling.Weighted(theirsPerClip, timesTaken));
            for (var m = 0; m < metrics.Length; m++)
            {
                (draws[m].Ours[r], draws[m].Theirs[r]) = (metrics[m].Value(a), metrics[m].Value(b));
                draws[m].Difference[r] = draws[m].Ours[r] - draws[m].Theirs[r];
            }
        }
        var (oursTotal, theirsTotal) = (oursPerClip.Aggregate((a, b) => a + b), theirsPerClip.Aggregate((a, b) => a + b));
        var alike = oursPerClip.SequenceEqual(theirsPerClip);
        for (var m = 0; m < metrics.Length; m++)
        {
            var metric = metrics[m];
            var (one, other) = (metric.Value(oursTotal), metric.Value(theirsTotal));
            var better = draws[m].Difference.Average(d => d == 0 ? 0.5 : d > 0 == metric.HigherIsBetter ? 1 : 0);
            figures[metric.ToString()] = new ComparedFigure(
                Figure.From(one, draws[m].Ours, metric.HigherIsBetter, oursTotal, resampling.Clips),
                Figure.From(other, draws[m].Theirs, metric.HigherIsBetter, theirsTotal, resampling.Clips),
                Difference(one - other, draws[m].Difference, alike, samples.Length, resampling.Clips), better, resampling.Clips);
        }
    }

    // As for a figure, two cases are beyond the bootstrap: one clip says nothing about spread, and where the two never differ, how often they could is bounded by the number of clips.
    private static Figure Difference(double value, double[] draws, bool alike, int samples, int clips)
    {
        if (clips == 1) return new Figure(value, -1, 1, samples);
        if (alike)
        {
            var bound = 1 - Math.Pow(0.025, 1.0 / clips);
            return new Figure(0, -bound, bound, samples);
        }
        Array.Sort(draws);
        return new Figure(value, Figure.Quantile(draws, 0.025), Figure.Quantile(draws, 0.975), samples);
    }
}

/// <summary>A figure of two models.</summary>
/// <param name="Ours">The candidate's.</param>
/// <param name="Theirs">The other's.</param>
/// <param name="Difference">The candidate's minus the other's.</param>
/// <param name="ProbabilityBetter">The share of resampled test sets on which the candidate is better; a tie counts half.</param>
/// <param name="Clips">Clips drawn from.</param>
public sealed record ComparedFigure(Figure Ours, Figure Theirs, Figure Difference, double ProbabilityBetter, int Clips);

/// <summary>One sample as two models read it.</summary>
/// <param name="Ours">The candidate's reading.</param>
/// <param name="Theirs">The other's.</param>
public sealed record ComparedSample(EvaluatedSample Ours, EvaluatedSample Theirs);

/// <summary>Two evaluations that can't be compared, since they were made on different test samples.</summary>
public sealed class UnpairedEvaluationsException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="candidate">The candidate's test hash.</param>
    /// <param name="production">The production model's test hash.</param>
    public UnpairedEvaluationsException(string candidate, string production)
        : base($"The two models were tested on different samples (test hashes {candidate} and {production}). "
            + "Evaluate both on the same version of the corpus, then compare again.")
    {
    }
}
