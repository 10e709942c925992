namespace LipSol.Grains.Serving.Traffic;

/// <summary>Latencies by buckets whose ends are 5 % apart: counts of several nodes add up, and a quantile is told to within 2.5 %.</summary>
internal static class LatencyBuckets
{
    private const double Smallest = 0.1;
    private static readonly double Step = Math.Log(1.05);

    /// <summary>The bucket of a latency.</summary>
    public static int Of(double milliseconds) => milliseconds <= Smallest ? 0 : 1 + (int)(Math.Log(milliseconds / Smallest) / Step);

    /// <summary>The latency that this share of the readings doesn't exceed; 0 where there are none.</summary>
    public static double Quantile(IReadOnlyDictionary<int, long> counts, double share)
    {
        long total = counts.Values.Sum();
        if (total == 0) return 0;
        long rank = Math.Max(1, (long)Math.Ceiling(share * total)), seen = 0;
        foreach ((int bucket, long count) in counts.OrderBy(c => c.Key))
        {
            seen += count;
            if (seen >= rank) return bucket == 0 ? Smallest : Smallest * Math.Exp((bucket - 0.5) * Step);
        }
        return 0;
    }
}
