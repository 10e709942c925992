namespace LipSol.Search;

/// <summary>
/// A density over some parameters together: a mixture with one kernel an observation and a wide one, the prior. Kernels are products of truncated normal distributions (of the share that a step covers, where
/// there are steps) and, for choices, of the observed value with a little of all others. As in Optuna 4 (<c>_ParzenEstimator</c>): with several parameters widths follow Scott's rule, with one the distance of the
/// neighbours (Bergstra et al. 2011), both within bounds; the latest 25 observations count fully, earlier ones less.
/// </summary>
internal sealed class ParzenEstimator
{
    private const double PriorWeight = 1, ScottFactor = 0.2;
    private const int CountFully = 25;

    private readonly Domain[] _domains;
    private readonly double[] _weights;
    // By parameter, then kernel: places and widths of numbers; of choices the weights of the values.
    private readonly (double[] Means, double[] Widths, double[][]? Choices)[] _kernels;

    /// <param name="domains">The parameters.</param>
    /// <param name="observations">Places, one array an observation, oldest first.</param>
    public ParzenEstimator(Domain[] domains, IReadOnlyList<double[]> observations)
    {
        _domains = domains;
        _weights = Weights(observations.Count);
        _kernels = [.. domains.Select((domain, d) => Kernels(domain, [.. observations.Select(o => o[d])], domains.Length))];
    }

    public double[] Draw(SeededStream stream)
    {
        int kernel = stream.Pick(_weights);
        var drawn = new double[_domains.Length];
        for (int d = 0; d < drawn.Length; d++)
        {
            (double[] means, double[] widths, double[][]? choices) = _kernels[d];
            double place = choices is not null ? stream.Pick(choices[kernel]) : stream.Normal(means[kernel], widths[kernel], _domains[d].Low, _domains[d].High);
            // What is judged is what would be tried.
            drawn[d] = _domains[d].Place(_domains[d].Format(place));
        }
        return drawn;
    }

    public double LogDensity(double[] places)
    {
        var logs = new double[_weights.Length];
        for (int k = 0; k < logs.Length; k++)
        {
            logs[k] = Math.Log(_weights[k]);
            for (int d = 0; d < places.Length; d++) logs[k] += LogKernel(d, k, places[d]);
        }
        double largest = logs.Max();
        return double.IsNegativeInfinity(largest) ? largest : largest + Math.Log(logs.Sum(l => Math.Exp(l - largest)));
    }

    private double LogKernel(int d, int k, double place)
    {
        (double[] means, double[] widths, double[][]? choices) = _kernels[d];
        if (choices is not null) return Math.Log(choices[k][(int)place]);
        Domain domain = _domains[d];
        double whole = Distributions.Between((domain.Low - means[k]) / widths[k], (domain.High - means[k]) / widths[k]);
        if (domain.Spacing is { } step) return Math.Log(Distributions.Between((place - step / 2 - means[k]) / widths[k], (place + step / 2 - means[k]) / widths[k]) / whole);
        double z = (place - means[k]) / widths[k];
        return -0.5 * z * z - Math.Log(widths[k] * Math.Sqrt(2 * Math.PI) * whole);
    }

    private static double[] Weights(int count)
    {
        double[] raw = [.. Enumerable.Range(0, count).Select(i => i >= count - CountFully ? 1 : 1.0 / count + (1 - 1.0 / count) * i / Math.Max(1, count - CountFully - 1)), PriorWeight];
        double sum = raw.Sum();
        return [.. raw.Select(w => w / sum)];
    }

    private static (double[] Means, double[] Widths, double[][]? Choices) Kernels(Domain domain, double[] observed, int parameters)
    {
        if (domain is ChoiceDomain choice)
        {
            double each = PriorWeight / (observed.Length + 1);
            return ([], [], [.. observed.Append(-1).Select(place => Normalised([.. Enumerable.Range(0, choice.Values.Count).Select(v => each + (v == place ? 1 : 0))]))]);
        }
        double range = domain.High - domain.Low, middle = (domain.Low + domain.High) / 2;
        double[] means = [.. observed, middle];
        double[] widths = parameters > 1 ? Scott(observed.Length, parameters, range) : Neighbours(means, domain.Low, domain.High);
        double least = range / Math.Min(100, 1 + means.Length);
        for (int k = 0; k < widths.Length; k++) widths[k] = Math.Clamp(widths[k], least, range);
        widths[^1] = range;
        return (means, widths, null);
    }

    private static double[] Scott(int observed, int parameters, double range) =>
        [.. Enumerable.Repeat(ScottFactor * range * Math.Pow(Math.Max(1, observed), -1.0 / (parameters + 4)), observed + 1)];

    private static double[] Neighbours(double[] means, double low, double high)
    {
        int[] order = [.. Enumerable.Range(0, means.Length).OrderBy(k => means[k])];
        var widths = new double[means.Length];
        for (int i = 0; i < order.Length; i++)
        {
            double before = i > 0 ? means[order[i]] - means[order[i - 1]] : means[order[i]] - low, behind = i < order.Length - 1 ? means[order[i + 1]] - means[order[i]] : high - means[order[i]];
            // The outermost look inwards alone, once there's a neighbour there.
            widths[order[i]] = order.Length > 1 && i == 0 ? behind : order.Length > 1 && i == order.Length - 1 ? before : Math.Max(before, behind);
        }
        return widths;
    }

    private static double[] Normalised(double[] weights)
    {
        double sum = weights.Sum();
        return [.. weights.Select(w => w / sum)];
    }
}
