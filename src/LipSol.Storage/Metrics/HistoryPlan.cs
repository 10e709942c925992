using LipSol.Contracts.Runs;

namespace LipSol.Storage.Metrics;

/// <summary>How a metric's course is read: in buckets of a power of two of steps, from the coarsest level that such buckets are made of.</summary>
/// <param name="FromStep">The first step.</param>
/// <param name="ToStep">The last step.</param>
/// <param name="Bits">log2 of a bucket's steps.</param>
/// <param name="Level">The coarsest level to read; -1 for the points themselves.</param>
internal readonly record struct HistoryPlan(long FromStep, long ToStep, int Bits, int Level)
{
    /// <summary>The narrowest buckets of which no more than <paramref name="buckets"/> (at least 2) are needed; they lie at multiples of their width.</summary>
    public static HistoryPlan For(long fromStep, long toStep, int buckets)
    {
        int bits = 0;
        while ((toStep >> bits) - (fromStep >> bits) >= Math.Max(buckets, 2)) bits++;
        int level = -1;
        while (level < RollupLevels.Coarsest && RollupLevels.BitsOf(level + 1) <= bits) level++;
        return new HistoryPlan(fromStep, toStep, bits, level);
    }

    /// <summary>What to read, in order: whole buckets of the level where there are any, and finer ones at the edges.</summary>
    public IEnumerable<HistoryPart> Parts() => Parts(Level, FromStep, ToStep);

    private static IEnumerable<HistoryPart> Parts(int level, long from, long to)
    {
        if (from > to) yield break;
        if (level < 0)
        {
            yield return new HistoryPart(level, from, to);
            yield break;
        }
        int bits = RollupLevels.BitsOf(level);
        long rest = (1L << bits) - 1;
        long first = (from & rest) == 0 ? from >> bits : (from >> bits) + 1;
        long last = (to & rest) == rest ? to >> bits : (to >> bits) - 1;
        if (first > last)
        {
            foreach (HistoryPart part in Parts(level - 1, from, to)) yield return part;
            yield break;
        }
        foreach (HistoryPart part in Parts(level - 1, from, (first << bits) - 1)) yield return part;
        yield return new HistoryPart(level, first, last);
        if (((last << bits) | rest) < to)
            foreach (HistoryPart part in Parts(level - 1, ((last << bits) | rest) + 1, to)) yield return part;
    }
}

/// <summary>What a history is read from.</summary>
/// <param name="Level">The level; -1 for points.</param>
/// <param name="First">The first bucket or, for points, step.</param>
/// <param name="Last">The last one.</param>
internal readonly record struct HistoryPart(int Level, long First, long Last);

/// <summary>Gathers points and rollups into the buckets of a history.</summary>
internal sealed class HistoryBuckets(HistoryPlan plan)
{
    private readonly List<Rollup> _buckets = [];

    /// <summary>Takes in a point or a rollup, in the order of their steps.</summary>
    public void Add(in Rollup rollup)
    {
        if (_buckets.Count == 0 || _buckets[^1].LastStep >> plan.Bits != rollup.FirstStep >> plan.Bits)
        {
            _buckets.Add(rollup);
            return;
        }
        Rollup sum = _buckets[^1];
        sum.Add(rollup);
        _buckets[^1] = sum;
    }

    public MetricHistory ToHistory() => new(1L << plan.Bits, [.. _buckets.Select(b => new MetricBucket(b.FirstStep, b.LastStep, b.Points, b.NotNumbers, b.Minimum, b.Maximum, b.Last))]);
}
