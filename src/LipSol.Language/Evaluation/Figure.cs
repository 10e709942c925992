using LipSol.Language.Scoring;

namespace LipSol.Language.Evaluation;

/// <summary>A measured value with its 95 % interval.</summary>
/// <param name="Value">The value over the samples as they are.</param>
/// <param name="Low">Lower end of the interval.</param>
/// <param name="High">Upper end of the interval.</param>
/// <param name="Count">Samples.</param>
/// <remarks>
/// Percentile bootstrap over clips (see <see cref="EvaluationReport"/>). Two cases the bootstrap can't see are answered otherwise: one clip says
/// nothing about spread, so the interval is all that's possible; and where no sample has an error, the far end is the exact binomial bound over
/// clips (Clopper and Pearson 1934), not a width of zero.
/// </remarks>
public sealed record Figure(double Value, double Low, double High, int Count)
{
    private const double Tail = 0.025;

    internal static Figure From(double value, double[] resampled, bool higherIsBetter, ErrorCounts total, int clips)
    {
        if (clips == 1) return new Figure(value, 0, Math.Max(1, value), total.Samples);
        if (total is { WordErrors: 0, CharacterErrors: 0 })
        {
            var bound = 1 - Math.Pow(Tail, 1.0 / clips);
            return higherIsBetter ? new Figure(value, 1 - bound, 1, total.Samples) : new Figure(value, 0, bound, total.Samples);
        }
        Array.Sort(resampled);
        return new Figure(value, Quantile(resampled, Tail), Quantile(resampled, 1 - Tail), total.Samples);
    }

    /// <summary>The value below which a share of all lies.</summary>
    internal static double Quantile(double[] sorted, double share)
    {
        var position = share * (sorted.Length - 1);
        var below = (int)position;
        return sorted[below] + (position - below) * (sorted[Math.Min(below + 1, sorted.Length - 1)] - sorted[below]);
    }
}
