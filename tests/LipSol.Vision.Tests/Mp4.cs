using System.Buffers.Binary;
using System.Text;

namespace LipSol.Vision.Tests;

/// <summary>Changes an MP4 file as OpenCV writes it (ISO/IEC 14496-12; one video track, the index at the end).</summary>
internal static class Mp4
{
    private static readonly string[] PathToTimes = ["moov", "trak", "mdia", "minf", "stbl", "stts"];

    /// <summary>Says that the picture is to be turned clockwise when shown, as phones do.</summary>
    public static void Turn(string path, int degreesClockwise, int storedWidth, int storedHeight)
    {
        const int One = 1 << 16;
        int[] matrix = degreesClockwise switch
        {
            90 => [0, One, 0, -One, 0, 0, storedHeight << 16, 0, 1 << 30],
            180 => [-One, 0, 0, 0, -One, 0, storedWidth << 16, storedHeight << 16, 1 << 30],
            270 => [0, -One, 0, One, 0, 0, 0, storedWidth << 16, 1 << 30],
            _ => throw new ArgumentOutOfRangeException(nameof(degreesClockwise)),
        };
        var bytes = File.ReadAllBytes(path);
        var at = Find(bytes, ["moov", "trak", "tkhd"])[^1] + 48;
        for (var i = 0; i < matrix.Length; i++) BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(at + 4 * i), matrix[i]);
        File.WriteAllBytes(path, bytes);
    }

    /// <summary>Gives runs of frames durations of their own, as factors of the constant one.</summary>
    public static void SetDurations(string path, params (int Frames, double Factor)[] runs)
    {
        var bytes = File.ReadAllBytes(path);
        var boxes = Find(bytes, PathToTimes);
        var table = boxes[^1];
        var delta = BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(table + 20));
        var entries = new byte[8 * runs.Length];
        for (var i = 0; i < runs.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(entries.AsSpan(8 * i), runs[i].Frames);
            BinaryPrimitives.WriteInt32BigEndian(entries.AsSpan(8 * i + 4), (int)Math.Round(delta * runs[i].Factor));
        }

        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(table + 12), runs.Length);
        foreach (var box in boxes)
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(box), BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(box)) + entries.Length - 8);
        File.WriteAllBytes(path, [.. bytes[..(table + 16)], .. entries, .. bytes[(table + 24)..]]);
    }

    private static List<int> Find(byte[] bytes, string[] names)
    {
        var found = new List<int>();
        int at = 0, end = bytes.Length;
        foreach (var name in names)
        {
            while (Encoding.ASCII.GetString(bytes, at + 4, 4) != name)
            {
                at += BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(at));
                Assert.True(at < end, $"no {name} box");
            }

            found.Add(at);
            end = at + BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(at));
            at += 8;
        }

        return found;
    }
}
