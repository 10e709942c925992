using System.Collections.Concurrent;

namespace LipSol.Vision;

/// <summary>Gaussian sensor noise that is the same on every machine for the same seed: a fixed table, read from places that the seed chooses.</summary>
internal sealed class SensorNoise
{
    private const int Length = 1 << 16;

    private static readonly float[] Standard = MakeStandard();
    private static readonly ConcurrentDictionary<int, SensorNoise> Known = new();

    private readonly sbyte[] _table;

    private SensorNoise(float deviation) => _table = Array.ConvertAll(Standard, n => (sbyte)Math.Clamp(MathF.Floor(deviation * n + 0.5f), -128, 127));

    /// <summary>Noise of a standard deviation in grey levels, taken to a quarter of a level.</summary>
    public static SensorNoise Of(double deviation) => Known.GetOrAdd((int)Math.Round(4 * Math.Clamp(deviation, 0, 64)), quarters => new(quarters / 4f));

    /// <summary>Adds noise to a row of bytes.</summary>
    /// <param name="row">The bytes.</param>
    /// <param name="state">The generator's state; advanced.</param>
    public void AddTo(Span<byte> row, ref ulong state)
    {
        var at = (int)(Next(ref state) & (Length - 1));
        for (var done = 0; done < row.Length;)
        {
            var part = row[done..Math.Min(row.Length, done + Length - at)];
            var noise = _table.AsSpan(at, part.Length);
            for (var i = 0; i < part.Length; i++) part[i] = (byte)Math.Clamp(part[i] + noise[i], 0, 255);
            done += part.Length;
            at = 0;
        }
    }

    /// <summary>SplitMix64 (Steele, Lea and Flood 2014).</summary>
    public static ulong Next(ref ulong state)
    {
        var z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>The sum of twelve uniform numbers, less six: close enough to a Gaussian, and free of functions whose last bit differs between machines.</summary>
    private static float[] MakeStandard()
    {
        var state = 20260101UL;
        var table = new float[Length];
        for (var i = 0; i < Length; i++)
        {
            var sum = -6.0;
            for (var n = 0; n < 12; n++) sum += (Next(ref state) >> 11) * (1.0 / (1UL << 53));
            table[i] = (float)sum;
        }

        return table;
    }
}
