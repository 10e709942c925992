namespace LipSol.Models.Samples;

/// <summary>A stream of random numbers that is a function of its keys alone (SplitMix64, Steele et al. 2014, https://doi.org/10.1145/2660193.2660195).</summary>
/// <remarks>One stream a (seed, epoch, sample): what a sample looks like doesn't depend on which thread made it, nor on what was made before.</remarks>
internal struct SeededRandom
{
    private ulong state;

    public SeededRandom(params ReadOnlySpan<long> keys)
    {
        state = 0x9E3779B97F4A7C15;
        foreach (var key in keys)
        {
            state ^= (ulong)key;
            state = NextBits();
        }
    }

    /// <summary>64 random bits.</summary>
    public ulong NextBits()
    {
        state += 0x9E3779B97F4A7C15;
        var z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>0 to below 1.</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary><paramref name="low"/> to below <paramref name="high"/>.</summary>
    public double Between(double low, double high) => low + (high - low) * NextDouble();

    /// <summary>A whole number from <paramref name="low"/> to <paramref name="high"/>, both included.</summary>
    public int Whole(int low, int high) => low + (int)(NextBits() % (ulong)(high - low + 1));

    /// <summary>Normally distributed around 0 with deviation 1 (Box and Muller).</summary>
    public double NextGaussian() => Math.Sqrt(-2 * Math.Log(1 - NextDouble())) * Math.Cos(2 * Math.PI * NextDouble());

    /// <summary>Beta(alpha, alpha) distributed, 0 to 1, alpha ≤ 1 (Jöhnk 1964).</summary>
    public double NextBeta(double alpha)
    {
        while (true)
        {
            var (x, y) = (Math.Pow(NextDouble(), 1 / alpha), Math.Pow(NextDouble(), 1 / alpha));
            if (x + y is > 0 and <= 1) return x / (x + y);
        }
    }

    /// <summary>Puts <paramref name="items"/> in a random order (Fisher and Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = Whole(0, i);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }
}
