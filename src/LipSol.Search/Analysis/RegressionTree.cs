namespace LipSol.Search;

/// <summary>A regression tree over points of the unit cube, kept as the boxes of its leaves.</summary>
internal sealed class RegressionTree
{
    private const int SmallestLeaf = 2, Deepest = 12;

    private readonly int _dimensions;

    private RegressionTree(int dimensions) => _dimensions = dimensions;

    public List<(double[] Low, double[] High, double Value)> Leaves { get; } = [];

    /// <summary>Grows a tree; at each node a random half of the dimensions (at least one) is looked at.</summary>
    public static RegressionTree Grow(IReadOnlyList<(double[] Point, double Value)> samples, int dimensions, SeededStream stream)
    {
        var tree = new RegressionTree(dimensions);
        tree.Split([.. samples], new double[dimensions], [.. Enumerable.Repeat(1.0, dimensions)], stream, 0);
        return tree;
    }

    private void Split((double[] Point, double Value)[] samples, double[] low, double[] high, SeededStream stream, int depth)
    {
        if (samples.Length < 2 * SmallestLeaf || depth == Deepest || Best(samples, stream) is not var (dimension, cut))
        {
            Leaves.Add((low, high, samples.Average(s => s.Value)));
            return;
        }
        Split([.. samples.Where(s => s.Point[dimension] < cut)], low, Replaced(high, dimension, cut), stream, depth + 1);
        Split([.. samples.Where(s => s.Point[dimension] >= cut)], Replaced(low, dimension, cut), high, stream, depth + 1);
    }

    private (int Dimension, double Cut)? Best((double[] Point, double Value)[] samples, SeededStream stream)
    {
        int[] order = [.. Enumerable.Range(0, _dimensions).Select(d => (d, Key: stream.Next())).OrderBy(p => p.Key).Select(p => p.d)];
        (int, double)? best = null;
        double most = 1e-12;
        for (int i = 0; i < order.Length && (i < Math.Max(1, (_dimensions + 1) / 2) || best is null); i++)
        {
            int d = order[i];
            (double[] Point, double Value)[] sorted = [.. samples.OrderBy(s => s.Point[d])];
            double sum = sorted.Sum(s => s.Value), left = 0;
            for (int n = 1; n < sorted.Length; n++)
            {
                left += sorted[n - 1].Value;
                if (n < SmallestLeaf || sorted.Length - n < SmallestLeaf || sorted[n].Point[d] <= sorted[n - 1].Point[d]) continue;
                // What the split takes from the sum of squares.
                double gain = left * left / n + (sum - left) * (sum - left) / (sorted.Length - n) - sum * sum / sorted.Length;
                if (gain > most) (most, best) = (gain, (d, (sorted[n].Point[d] + sorted[n - 1].Point[d]) / 2));
            }
        }
        return best;
    }

    private static double[] Replaced(double[] bounds, int dimension, double value)
    {
        double[] copy = [.. bounds];
        copy[dimension] = value;
        return copy;
    }
}
