using LipSol.Grains.Serving.Traffic;

namespace LipSol.Grains.Tests.Serving;

public sealed class LatencyBucketsTests
{
    [Fact]
    public void A_quantile_is_told_to_within_its_bucket()
    {
        var random = new Random(1);
        double[] latencies = [.. Enumerable.Range(0, 10_000).Select(_ => 3 * Math.Exp(2 * random.NextDouble() * random.NextDouble()))];
        Dictionary<int, long> counts = latencies.GroupBy(LatencyBuckets.Of).ToDictionary(g => g.Key, g => g.LongCount());
        Array.Sort(latencies);
        foreach (double share in new[] { 0.5, 0.95, 0.99 })
            Assert.InRange(LatencyBuckets.Quantile(counts, share) / latencies[(int)(share * latencies.Length) - 1], 0.97, 1.03);
    }

    [Fact]
    public void Extremes_have_buckets_and_nothing_has_no_quantile()
    {
        Assert.Equal(0, LatencyBuckets.Quantile(new Dictionary<int, long>(), 0.5));
        Assert.Equal(0, LatencyBuckets.Of(0));
        Assert.InRange(LatencyBuckets.Quantile(new Dictionary<int, long> { [LatencyBuckets.Of(3_600_000)] = 1 }, 0.99), 3_400_000, 3_800_000);
    }
}
