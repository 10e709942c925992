using System.Security.Cryptography;
using System.Text;

namespace LipSol.Corpus.Synthetic;

/// <summary>SplitMix64 (Steele, Lea, Flood 2014). System.Random promises no equal sequence across .NET versions; a corpus made of a seed needs one.</summary>
internal sealed class SeededRandom(ulong seed)
{
    private ulong _state = seed;

    /// <summary>A stream of its own for each name: adding a take or speaker changes no other.</summary>
    public static SeededRandom For(long seed, string name) => new(BitConverter.ToUInt64(MD5.HashData(Encoding.UTF8.GetBytes($"{seed}/{name}"))));

    /// <summary>Uniform in [0, 1).</summary>
    public double Next()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
    }

    /// <summary>Uniform in [low, high).</summary>
    public double Between(double low, double high) => low + (high - low) * Next();

    /// <summary>Uniform among low … high, both included.</summary>
    public int Between(int low, int high) => low + (int)(Next() * (high - low + 1));

    /// <summary>Bell-shaped around 0, within ±3 spreads (Irwin–Hall of 12 scaled, so no libm function decides it).</summary>
    public double Bell(double spread)
    {
        var sum = -6.0;
        for (var i = 0; i < 12; i++) sum += Next();
        return Math.Clamp(sum, -3, 3) * spread;
    }

    public void Shuffle<T>(T[] items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = Between(0, i);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }
}
