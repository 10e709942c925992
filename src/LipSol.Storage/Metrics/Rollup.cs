namespace LipSol.Storage.Metrics;

/// <summary>The levels at which points are kept in brief: each bucket of a level is made of 64 of the level below, those of level 0 of the points of 64 steps.</summary>
internal static class RollupLevels
{
    /// <summary>log2 of the buckets of one level that make one of the next.</summary>
    public const int Shift = 6;

    /// <summary>The coarsest level.</summary>
    public const int Coarsest = 2;

    /// <summary>log2 of the steps of a level's bucket.</summary>
    public static int BitsOf(int level) => Shift * (level + 1);
}

/// <summary>Points in brief. NaN counts, and is a last value; it is never a smallest or largest one.</summary>
internal struct Rollup
{
    public long FirstStep, LastStep, Points, NotNumbers;
    public double Minimum, Maximum, Last;

    public static Rollup Empty => new() { FirstStep = long.MaxValue, LastStep = long.MinValue, Minimum = double.NaN, Maximum = double.NaN, Last = double.NaN };

    /// <summary>One point.</summary>
    public static Rollup Of(long step, double value) => new()
    {
        FirstStep = step,
        LastStep = step,
        Points = 1,
        NotNumbers = double.IsNaN(value) ? 1 : 0,
        Minimum = value,
        Maximum = value,
        Last = value,
    };

    public void Add(in Rollup other)
    {
        if (other.LastStep >= LastStep) (LastStep, Last) = (other.LastStep, other.Last);
        FirstStep = Math.Min(FirstStep, other.FirstStep);
        Points += other.Points;
        NotNumbers += other.NotNumbers;
        Minimum = double.MinNumber(Minimum, other.Minimum);
        Maximum = double.MaxNumber(Maximum, other.Maximum);
    }
}
