using MathNet.Numerics.Distributions;

namespace LipSol.Search;

/// <summary>Random numbers that follow from a seed and a trial's number alone, whatever was drawn before, on any version of .NET (SplitMix64: Steele, Lea and Flood 2014).</summary>
internal sealed class SeededStream
{
    private const ulong Golden = 0x9E3779B97F4A7C15;
    private ulong _state;

    public SeededStream(long seed, int number, int attempt = 0) => _state = Mix(Mix(Mix((ulong)seed + Golden) + (ulong)(uint)number) + (ulong)(uint)attempt);

    /// <summary>In [0, 1).</summary>
    public double Next() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    public double Between(double low, double high) => low + (high - low) * Next();

    public int Below(int count) => (int)(Next() * count);

    /// <summary>The place of an item, by weights that sum to 1.</summary>
    public int Pick(IReadOnlyList<double> weights)
    {
        double rest = Next();
        for (int i = 0; i < weights.Count - 1; i++)
            if ((rest -= weights[i]) < 0) return i;
        return weights.Count - 1;
    }

    /// <summary>A normal number between two bounds.</summary>
    public double Normal(double mean, double deviation, double low, double high)
    {
        double from = Distributions.Cdf((low - mean) / deviation), to = Distributions.Cdf((high - mean) / deviation);
        double share = Math.Clamp(Between(from, to), 1e-15, 1 - 1e-15);
        return Math.Clamp(mean + deviation * MathNet.Numerics.Distributions.Normal.InvCDF(0, 1, share), low, high);
    }

    private ulong NextBits() => Mix(_state += Golden);

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}

internal static class Distributions
{
    public static double Cdf(double z) => Normal.CDF(0, 1, z);

    /// <summary>The normal distribution's share of an interval, exact far out too.</summary>
    public static double Between(double from, double to) => from > 0 ? Cdf(-from) - Cdf(-to) : Cdf(to) - Cdf(from);
}
