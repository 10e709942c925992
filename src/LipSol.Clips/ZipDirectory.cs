using System.Buffers.Binary;

namespace LipSol.Clips;

/// <summary>The list of files at a zip archive's end, looked at before it's read: a few megabytes of it would become hundreds in memory.</summary>
/// <remarks>Format: end of central directory record, APPNOTE 4.3.16, https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT.</remarks>
internal static class ZipDirectory
{
    private const int EndRecord = 22;
    private const int LongestComment = ushort.MaxValue;
    private const int LargestDirectory = 1 << 16;

    /// <summary>Leaves the stream at its beginning.</summary>
    /// <exception cref="InvalidDataException">No zip archive, or its list is longer than a mouth clip's can be.</exception>
    public static void RequireShort(Stream source)
    {
        // Most end with it; a comment behind it may move it up.
        if (!TryFind(source, EndRecord, out var tail, out var at) && !TryFind(source, EndRecord + LongestComment, out tail, out at)) throw new InvalidDataException("it is no zip archive");
        var end = source.Length - tail.Length + at;
        // All ones stand for a 64-bit record elsewhere, which no mouth clip needs.
        var begin = BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(at + 16));
        if (begin > end || end - begin > LargestDirectory || BinaryPrimitives.ReadUInt16LittleEndian(tail.AsSpan(at + 10)) > 100)
            throw new InvalidDataException("its list of files is too long");
    }

    private static bool TryFind(Stream source, int length, out byte[] tail, out int at)
    {
        tail = new byte[Math.Min(source.Length, length)];
        source.Seek(-tail.Length, SeekOrigin.End);
        source.ReadExactly(tail);
        source.Position = 0;
        at = tail.AsSpan().LastIndexOf("PK\u0005\u0006"u8);
        return at >= 0 && at + EndRecord <= tail.Length;
    }
}
