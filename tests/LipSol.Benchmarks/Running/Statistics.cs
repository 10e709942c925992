using System.Diagnostics;

namespace LipSol.Benchmarks.Running;

internal static class Statistics
{
    /// <summary>The median.</summary>
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        if (sorted.Length == 0) throw new ArgumentException("The median of nothing.", nameof(values));
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>How many a second, of work that reports how much it did.</summary>
    public static double Rate(Func<long> work)
    {
        var start = Stopwatch.GetTimestamp();
        var done = work();
        return done / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>As <see cref="Rate(Func{long})"/>.</summary>
    public static async Task<double> RateAsync(Func<Task<long>> work)
    {
        var start = Stopwatch.GetTimestamp();
        var done = await work();
        return done / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
