namespace LipSol.Language.Evaluation;

/// <summary>Compares two models on the same test samples (paired bootstrap: Koehn 2004, Bisani and Ney 2004).</summary>
public static class PairedBootstrap
{
    /// <summary>The share of resampled test sets on which <paramref name="candidate"/> is better than <paramref name="production"/>; a tie counts half.</summary>
    /// <param name="candidate">The new model's readings.</param>
    /// <param name="production">The present model's readings of the same samples.</param>
    /// <param name="metric">A figure's name (see <see cref="Metric"/>).</param>
    /// <param name="seed">Of the resampling.</param>
    /// <param name="resamples">Draws.</param>
    /// <returns>0 to 1; 0.5 for two models that read alike.</returns>
    /// <exception cref="UnpairedEvaluationsException">The two were made on different test samples.</exception>
    /// <exception cref="ArgumentException">No such metric, or no sample in its scope.</exception>
    public static double ProbabilityBetter(Evaluation candidate, Evaluation production, string metric, int seed = 0, int resamples = 2000)
    {
        ArgumentNullException.ThrowIfNull(candidate);
        ArgumentNullException.ThrowIfNull(production);
        ArgumentOutOfRangeException.ThrowIfLessThan(resamples, 100);
        var figure = Metric.Parse(metric);
        if (candidate.TestHash != production.TestHash)
            throw new UnpairedEvaluationsException(candidate.TestHash, production.TestHash);
        var ours = candidate.Samples.Where(figure.Covers).ToArray();
        if (ours.Length == 0) throw new ArgumentException($"No test sample counts for {metric}.", nameof(metric));
        var byId = production.Samples.ToDictionary(s => s.Id);
        var theirs = ours.Select(s => byId.TryGetValue(s.Id, out var other) && other.Expected == s.Expected
            ? other : throw new UnpairedEvaluationsException(candidate.TestHash, production.TestHash)).ToArray();

        var resampling = ClipResampling.Of(ours, out var clipOf);
        var oursPerClip = ClipResampling.Sum(ours, clipOf, resampling.Clips);
        var theirsPerClip = ClipResampling.Sum(theirs, clipOf, resampling.Clips);
        var random = new Random(seed);
        var timesTaken = new int[resampling.Clips];
        var better = 0.0;
        for (var r = 0; r < resamples; r++)
        {
            resampling.Draw(random, timesTaken);
            var difference = figure.Value(ClipResampling.Weighted(oursPerClip, timesTaken)) - figure.Value(ClipResampling.Weighted(theirsPerClip, timesTaken));
            if (!figure.HigherIsBetter) difference = -difference;
            better += difference > 0 ? 1 : difference < 0 ? 0 : 0.5;
        }
        return better / resamples;
    }
}

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
