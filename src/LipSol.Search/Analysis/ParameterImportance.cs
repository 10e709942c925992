namespace LipSol.Search;

/// <summary>
/// How much of the objective's variance over the space follows from each parameter alone: the main effects of functional ANOVA on a random forest (Hutter, Hoos, Leyton-Brown: An Efficient Approach for Assessing Hyperparameter
/// Importance, ICML 2014). What is left is due to several together, or to chance.
/// </summary>
public static class ParameterImportance
{
    /// <summary>Fewer results than this say nothing.</summary>
    public const int LeastResults = 8;

    private const int Trees = 48;

    /// <summary>
    /// Shares between 0 and 1 by parameter, largest first; null where there are too few results, or all are alike. A parameter that didn't exist in a trial counts as in the middle of its range. Trials that were stopped early count
    /// with the value that they had.
    /// </summary>
    public static IReadOnlyList<(string Parameter, double Share)>? Of(SearchSpace space, IReadOnlyList<PastTrial> trials)
    {
        ArgumentNullException.ThrowIfNull(space);
        SearchParameter[] parameters = [.. space.Parameters];
        PastTrial[] known = [.. trials.OrderBy(t => t.Number).Where(t => t.Result is { } r && double.IsFinite(r.Objective))];
        Func<string, double>[] places = [.. parameters.Select(p => Places(p, known))];
        (double[] Point, double Value)[] samples = [.. known.Select(t => (parameters.Select((p, d) => t.Parameters.TryGetValue(p.Name, out string? value) ? places[d](value) : 0.5).ToArray(), t.Result!.Value.Objective))];
        if (samples.Length < LeastResults || samples.All(s => s.Value == samples[0].Value)) return null;
        // Ranks would hide how much, raw values let one outlier rule: values beyond three quartile distances are drawn in.
        samples = DrawnIn(samples);
        var shares = new double[parameters.Length];
        int counted = 0;
        for (int t = 0; t < Trees; t++)
        {
            var stream = new SeededStream(0, t);
            RegressionTree tree = RegressionTree.Grow([.. samples.Select(_ => samples[stream.Below(samples.Length)])], parameters.Length, stream);
            double mean = tree.Leaves.Sum(l => Volume(l.Low, l.High) * l.Value);
            double variance = tree.Leaves.Sum(l => Volume(l.Low, l.High) * (l.Value - mean) * (l.Value - mean));
            if (variance <= 0) continue;
            counted++;
            for (int d = 0; d < shares.Length; d++) shares[d] += MainEffect(tree, d, mean) / variance;
        }
        return counted == 0 ? null : [.. parameters.Select((p, d) => (p.Name, shares[d] / counted)).OrderByDescending(p => p.Item2)];
    }

    // Choices have no order of their own: by what they gave on average, a tree tells the good ones from the others with one cut.
    private static Func<string, double> Places(SearchParameter parameter, PastTrial[] known)
    {
        if (parameter.Domain is not ChoiceDomain choice) return parameter.Domain.Share;
        string[] ordered = [.. choice.Values.OrderBy(v => known.Where(t => t.Parameters.GetValueOrDefault(parameter.Name) == v).Select(t => t.Result!.Value.Objective).DefaultIfEmpty(double.NaN).Average())];
        return value => (Array.IndexOf(ordered, value) + 0.5) / ordered.Length;
    }

    private static double MainEffect(RegressionTree tree, int d, double mean)
    {
        double[] cuts = [.. tree.Leaves.SelectMany(l => new[] { l.Low[d], l.High[d] }).Distinct().Order()];
        double variance = 0;
        for (int i = 1; i < cuts.Length; i++)
        {
            double width = cuts[i] - cuts[i - 1];
            double marginal = tree.Leaves.Where(l => l.Low[d] <= cuts[i - 1] && l.High[d] >= cuts[i]).Sum(l => l.Value * Volume(l.Low, l.High) / (l.High[d] - l.Low[d]));
            variance += width * (marginal - mean) * (marginal - mean);
        }
        return variance;
    }

    private static double Volume(double[] low, double[] high)
    {
        double volume = 1;
        for (int d = 0; d < low.Length; d++) volume *= high[d] - low[d];
        return volume;
    }

    private static (double[] Point, double Value)[] DrawnIn((double[] Point, double Value)[] samples)
    {
        double[] sorted = [.. samples.Select(s => s.Value).Order()];
        double low = sorted[sorted.Length / 4], high = sorted[3 * sorted.Length / 4], reach = 3 * (high - low);
        return reach <= 0 ? samples : [.. samples.Select(s => (s.Point, Math.Clamp(s.Value, low - reach, high + reach)))];
    }
}
