using System.Runtime.Intrinsics;

namespace LipSol.Clips;

/// <summary>A mouth clip averaged down to a small square: what training keeps in memory and <see cref="ClipInput"/> reads.</summary>
/// <param name="Frames_THW">The pixels, T × Edge × Edge, row-major.</param>
/// <param name="Edge">Height and width.</param>
/// <param name="FramesPerSecond">Frames a second.</param>
public sealed record PooledClip(byte[] Frames_THW, int Edge, double FramesPerSecond)
{
    /// <summary>Number of frames, T.</summary>
    public int Length => Frames_THW.Length / (Edge * Edge);

    /// <summary>The pixels of frame <paramref name="index"/>.</summary>
    public ReadOnlySpan<byte> Frame(int index) => Frames_THW.AsSpan(index * Edge * Edge, Edge * Edge);

    /// <summary>Averages <paramref name="clip"/> down (each pixel is the mean of the area it covers). A clip that isn't square keeps its aspect ratio; its edges are repeated.</summary>
    /// <param name="clip">The clip.</param>
    /// <param name="edge">Height and width of the result.</param>
    public static PooledClip From(MouthClip clip, int edge)
    {
        ArgumentNullException.ThrowIfNull(clip);
        ArgumentOutOfRangeException.ThrowIfLessThan(edge, 1);
        if (clip.Height == 2 * edge && clip.Width == 2 * edge) return new PooledClip(Halved(clip.Frames_THW, edge), edge, clip.FramesPerSecond);
        var rows = Axis(clip.Height, Math.Max(clip.Height, clip.Width), edge);
        var columns = Axis(clip.Width, Math.Max(clip.Height, clip.Width), edge);
        var pooled = new byte[clip.Length * edge * edge];
        var narrow = new float[clip.Height * edge];
        for (var t = 0; t < clip.Length; t++)
        {
            var frame = clip.Frame(t);
            for (var y = 0; y < clip.Height; y++)
            {
                var row = frame.Slice(y * clip.Width, clip.Width);
                for (var x = 0; x < edge; x++)
                {
                    var sum = 0f;
                    foreach (var (index, weight) in columns[x]) sum += row[index] * weight;
                    narrow[y * edge + x] = sum;
                }
            }
            var target = pooled.AsSpan(t * edge * edge, edge * edge);
            for (var y = 0; y < edge; y++)
                for (var x = 0; x < edge; x++)
                {
                    var sum = 0f;
                    foreach (var (index, weight) in rows[y]) sum += narrow[index * edge + x] * weight;
                    target[y * edge + x] = (byte)Math.Clamp((int)MathF.Round(sum), 0, 255);
                }
        }
        return new PooledClip(pooled, edge, clip.FramesPerSecond);
    }

    /// <summary>The same clip with every frame replaced by its middle one: what can be read without motion.</summary>
    public PooledClip Frozen()
    {
        var frozen = new byte[Frames_THW.Length];
        var middle = Frame(Length / 2);
        for (var t = 0; t < Length; t++) middle.CopyTo(frozen.AsSpan(t * Edge * Edge));
        return this with { Frames_THW = frozen };
    }

    // The usual case, in whole numbers: pixel for pixel what the general way gives, which rounds halves to even too.
    private static byte[] Halved(byte[] frames_THW, int edge)
    {
        var pooled = GC.AllocateUninitializedArray<byte>(frames_THW.Length / 4);
        for (var line = 0; line < pooled.Length / edge; line++)
        {
            var upper = frames_THW.AsSpan(4 * line * edge, 2 * edge);
            var lower = frames_THW.AsSpan((4 * line + 2) * edge, 2 * edge);
            var target = pooled.AsSpan(line * edge, edge);
            var x = 0;
            for (; x <= edge - Vector256<ushort>.Count; x += Vector256<ushort>.Count)
            {
                var sums = Pairs(upper[(2 * x)..]) + Pairs(lower[(2 * x)..]);
                var means = (sums + Vector256<ushort>.One + ((sums >>> 2) & Vector256<ushort>.One)) >>> 2;
                Vector256.Narrow(means, means).GetLower().CopyTo(target[x..]);
            }
            for (; x < edge; x++)
            {
                var sum = upper[2 * x] + upper[2 * x + 1] + lower[2 * x] + lower[2 * x + 1];
                target[x] = (byte)((sum + 1 + ((sum >> 2) & 1)) >> 2);
            }
        }
        return pooled;
    }

    // Sums of neighbours; which of a pair comes first in memory doesn't matter.
    private static Vector256<ushort> Pairs(ReadOnlySpan<byte> bytes)
    {
        var pairs = Vector256.Create(bytes[..Vector256<byte>.Count]).AsUInt16();
        return (pairs & Vector256.Create((ushort)0xff)) + (pairs >>> 8);
    }

    // Which source pixels, with which share, make each of `edge` target pixels, when `square` source pixels (centred) become `edge`.
    private static (int Index, float Weight)[][] Axis(int length, int square, int edge)
    {
        var step = (double)square / edge;
        var offset = (length - square) / 2.0;
        return [.. Enumerable.Range(0, edge).Select(i =>
        {
            var (low, high) = (offset + i * step, offset + (i + 1) * step);
            var first = (int)Math.Floor(low);
            var count = (int)Math.Ceiling(high) - first;
            return Enumerable.Range(first, count)
                .Select(j => (Math.Clamp(j, 0, length - 1), (float)((Math.Min(high, j + 1) - Math.Max(low, j)) / step)))
                .Where(share => share.Item2 > 0).ToArray();
        })];
    }
}
