using System.Buffers.Binary;

namespace LipSol.Silo.Tests.Transcriptions.Fuzzing;

/// <summary>What a line, a disk or someone with bad intentions does to bytes, whatever they mean. The same seed gives the same.</summary>
/// <param name="others">Files whose ends are put behind the beginnings of others.</param>
internal sealed class Damage(IReadOnlyList<byte[]> others)
{
    private static readonly uint[] Extremes = [0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFF, 0x10000];

    /// <summary>A copy, damaged once to three times; never without a byte.</summary>
    public byte[] Of(byte[] original, Random random)
    {
        var bytes = (byte[])original.Clone();
        for (var i = random.Next(1, 4); i > 0; i--) bytes = Once(bytes, random);
        return bytes.Length > 0 ? bytes : [0];
    }

    private byte[] Once(byte[] bytes, Random random)
    {
        if (bytes.Length < 16) return bytes;
        switch (random.Next(8))
        {
            case 0: // bits here and there
                for (var i = random.Next(1, 200); i > 0; i--) bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                return bytes;
            case 1: // bits where headers are
                for (var i = random.Next(1, 20); i > 0; i--) bytes[random.Next(Math.Min(bytes.Length, 2048))] = (byte)random.Next(256);
                return bytes;
            case 2: // cut short
                return bytes[..random.Next(1, bytes.Length)];
            case 3: // a block of noise
                var block = bytes.AsSpan(random.Next(bytes.Length - 8));
                random.NextBytes(block[..random.Next(1, Math.Min(block.Length, 4096))]);
                return bytes;
            case 4: // a part twice, or at another's place
                var (from, length) = (random.Next(bytes.Length - 8), random.Next(1, Math.Min(8192, bytes.Length / 2)));
                var part = bytes.AsSpan(from, Math.Min(length, bytes.Length - from)).ToArray();
                var at = random.Next(bytes.Length);
                return [.. bytes.AsSpan(0, at), .. part, .. bytes.AsSpan(random.Next(2) == 0 ? at : Math.Min(bytes.Length, at + part.Length))];
            case 5: // a part missing
                var start = random.Next(bytes.Length - 8);
                return [.. bytes.AsSpan(0, start), .. bytes.AsSpan(Math.Min(bytes.Length, start + random.Next(1, 4096)))];
            case 6: // a length or a size that can't be
                for (var i = random.Next(1, 6); i > 0; i--)
                {
                    var field = bytes.AsSpan(random.Next(bytes.Length - 4), 4);
                    var extreme = Extremes[random.Next(Extremes.Length)];
                    if (random.Next(2) == 0) BinaryPrimitives.WriteUInt32BigEndian(field, extreme);
                    else BinaryPrimitives.WriteUInt32LittleEndian(field, extreme);
                }
                return bytes;
            default: // the end of another
                var other = others[random.Next(others.Count)];
                return [.. bytes.AsSpan(0, random.Next(1, bytes.Length)), .. other.AsSpan(random.Next(other.Length))];
        }
    }
}
