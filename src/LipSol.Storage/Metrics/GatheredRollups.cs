namespace LipSol.Storage.Metrics;

/// <summary>Points of one metric, gathered into buckets of every level.</summary>
internal sealed class GatheredRollups
{
    private readonly List<(long Bucket, Rollup Rollup)>[] _levels = [.. Enumerable.Range(0, RollupLevels.Coarsest + 1).Select(_ => new List<(long, Rollup)>())];

    /// <summary>Whether the buckets have to be made anew from the points as they are in the table, since the gathered ones don't just come behind them.</summary>
    public bool Anew { get; set; }

    /// <summary>The buckets of a level, in the order of the points; more than once where the points go back and forth.</summary>
    public IReadOnlyList<(long Bucket, Rollup Rollup)> this[int level] => _levels[level];

    public void Clear()
    {
        Anew = false;
        foreach (List<(long, Rollup)> level in _levels) level.Clear();
    }

    public void Add(long step, double value)
    {
        for (int level = 0; level <= RollupLevels.Coarsest; level++)
        {
            List<(long Bucket, Rollup Rollup)> buckets = _levels[level];
            long bucket = step >> RollupLevels.BitsOf(level);
            if (buckets.Count == 0 || buckets[^1].Bucket != bucket) buckets.Add((bucket, Rollup.Empty));
            Rollup rollup = buckets[^1].Rollup;
            rollup.Add(Rollup.Of(step, value));
            buckets[^1] = (bucket, rollup);
        }
    }
}
