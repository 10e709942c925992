namespace LipSol.Vision;

/// <summary>Gaussian sensor noise that is the same on every machine for the same seed: a fixed table, read from places that the seed chooses.</summary>
internal static class SensorNoise
{
    private const int Length = 1 << 16;

    private static readonly float[] Table = MakeTable();

    /// <summary>Adds noise to a row of bytes.</summary>
    /// <param name="row">The bytes.</param>
    /// <param name="deviation">Standard deviation in grey levels.</param>
    /// <param name="state">The generator's state; advanced.</param>
    public static void Add(Span<byte> row, float deviation, ref ulong state)
    {
        var at = (int)(Next(ref state) & (Length - 1));
        for (var i = 0; i < row.Length; i++)
        {
            row[i] = Canvas.Byte(row[i] + deviation * Table[at]);
            at = (at + 1) & (Length - 1);
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
    private static float[] MakeTable()
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
