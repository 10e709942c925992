using System.Buffers.Binary;
using System.Text;

namespace LipSol.Silo.Tests.Transcriptions.Fuzzing;

/// <summary>A live stream: its first message, and the frames behind it.</summary>
internal sealed record HostileStream(byte[] Greeting, IReadOnlyList<byte[]> Frames);

/// <summary>Live streams of damaged pictures, of crops that aren't, with times that can't be. The same seed gives the same bytes.</summary>
internal sealed class HostileStreams(FuzzOriginals originals, Damage damage, int seed)
{
    // As many as may be on their way to the cropper: none is dropped for coming too fast.
    private const int Frames = 8;
    private static readonly double[] Times = [0, -1, double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1e300, double.Epsilon, 1e-9, 3600, 4e9];

    /// <summary>The n-th.</summary>
    public HostileStream Make(int n)
    {
        var random = new Random(unchecked(seed * 1_000_003 + n));
        var (timed, crops) = (random.Next(4) == 0, random.Next(6) == 0);
        var greeting = Encoding.UTF8.GetBytes($$"""{"input":"{{(crops ? "crops" : "frames")}}","framesPerSecond":{{(random.Next(4) == 0 ? random.Next(0, 300) : 25)}},"timestamps":{{(timed ? "true" : "false")}}}""");
        if (random.Next(8) == 0) greeting = damage.Of(greeting, random);
        var pictures = new PictureDamage(damage);
        var share = random.Next(3) switch { 0 => 0.1, 1 => 0.5, _ => 1.0 };
        var frames = new List<byte[]>(Frames);
        for (var i = 0; i < Frames; i++)
        {
            var frame = crops ? new byte[random.Next(5) == 0 ? random.Next(20_000) : 96 * 96] : (random.Next(2) == 0 ? originals.Jpegs : originals.Pngs)[i];
            if (!crops && random.NextDouble() < share) frame = pictures.Of(frame, random);
            frames.Add(timed && random.Next(10) > 0 ? [.. Time(i, random), .. frame] : frame);
        }
        return new HostileStream(greeting, frames);
    }

    private static byte[] Time(int i, Random random)
    {
        var bytes = new byte[sizeof(double)];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, random.Next(5) == 0 ? Times[random.Next(Times.Length)] : i / 25.0);
        return bytes;
    }
}
