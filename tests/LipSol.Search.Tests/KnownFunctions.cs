using System.Globalization;

namespace LipSol.Search.Tests;

/// <summary>Functions whose minima are known (Surjanovic and Bingham, Virtual Library of Simulation Experiments).</summary>
internal static class KnownFunctions
{
    public static readonly SearchSpace BraninSpace = new([new("x", new FloatDomain(-5, 10)), new("y", new FloatDomain(0, 15))]);

    public static readonly SearchSpace HartmannSpace = new(Enumerable.Range(0, 6).Select(i => new SearchParameter($"x{i}", new FloatDomain(0, 1))));

    private static readonly double[] Alpha = [1.0, 1.2, 3.0, 3.2];
    private static readonly double[][] A = [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]];
    private static readonly double[][] P =
    [
        [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886], [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991], [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650], [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
    ];

    /// <summary>Least value 0.397887, at three places.</summary>
    public static double Branin(IReadOnlyDictionary<string, string> at)
    {
        double x = Value(at, "x"), y = Value(at, "y");
        double curve = y - 5.1 / (4 * Math.PI * Math.PI) * x * x + 5 / Math.PI * x - 6;
        return curve * curve + 10 * (1 - 1 / (8 * Math.PI)) * Math.Cos(x) + 10;
    }

    /// <summary>Least value -3.32237.</summary>
    public static double Hartmann(IReadOnlyDictionary<string, string> at) =>
        -Enumerable.Range(0, 4).Sum(i => Alpha[i] * Math.Exp(-Enumerable.Range(0, 6).Sum(j => A[i][j] * Math.Pow(Value(at, $"x{j}") - P[i][j], 2))));

    public static double Value(IReadOnlyDictionary<string, string> at, string name) => double.Parse(at[name], CultureInfo.InvariantCulture);

    /// <summary>The trials of a whole search, one behind the other.</summary>
    public static List<PastTrial> Search(Sampler sampler, Func<IReadOnlyDictionary<string, string>, double> objective, int trials)
    {
        var past = new List<PastTrial>();
        for (int number = 1; number <= trials; number++)
        {
            IReadOnlyDictionary<string, string> proposed = sampler.Propose(number, past)!;
            past.Add(new PastTrial(number, proposed, new TrialResult(objective(proposed), true, 1)));
        }
        return past;
    }
}
