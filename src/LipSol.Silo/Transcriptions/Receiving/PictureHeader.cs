using System.Buffers.Binary;

namespace LipSol.Silo.Transcriptions;

/// <summary>What a picture's header says, so that one of absurd size is refused before anything decodes it.</summary>
/// <param name="Width">Pixels a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Extension">Of its kind: <c>.png</c> or <c>.jpg</c>.</param>
internal readonly record struct PictureHeader(int Width, int Height, string Extension)
{
    /// <summary>Reads it; null where the file is neither a PNG nor a JPEG, or ends before its size is known.</summary>
    public static PictureHeader? Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 4096);
        Span<byte> start = stackalloc byte[24];
        var length = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        // PNG (W3C, 5.2 and 11.2.1): the signature, then IHDR, which begins with width and height.
        if (length == start.Length && start.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]) && start[12..16].SequenceEqual("IHDR"u8))
            return Of(BinaryPrimitives.ReadUInt32BigEndian(start[16..]), BinaryPrimitives.ReadUInt32BigEndian(start[20..]), ".png");
        if (length < 4 || start[0] != 0xFF || start[1] != 0xD8) return null;
        file.Position = 2;
        return ReadJpeg(file);
    }

    // JPEG (ITU-T T.81, B.1 and B.2.2): segments of a marker and a length, until the frame's header.
    private static PictureHeader? ReadJpeg(FileStream file)
    {
        Span<byte> segment = stackalloc byte[4];
        Span<byte> size = stackalloc byte[5];
        while (file.ReadAtLeast(segment[..2], 2, throwOnEndOfStream: false) == 2 && segment[0] == 0xFF)
        {
            // Fill bytes before a marker.
            if (segment[1] == 0xFF)
            {
                file.Position--;
                continue;
            }
            if (file.ReadAtLeast(segment[2..], 2, throwOnEndOfStream: false) < 2) return null;
            if (segment[1] is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC))
                return file.ReadAtLeast(size, size.Length, throwOnEndOfStream: false) < size.Length ? null
                    : Of(BinaryPrimitives.ReadUInt16BigEndian(size[3..]), BinaryPrimitives.ReadUInt16BigEndian(size[1..]), ".jpg");
            var rest = BinaryPrimitives.ReadUInt16BigEndian(segment[2..]) - 2;
            if (rest < 0) return null;
            file.Position += rest;
        }
        return null;
    }

    private static PictureHeader? Of(uint width, uint height, string extension) =>
        width is > 0 and <= int.MaxValue && height is > 0 and <= int.MaxValue ? new PictureHeader((int)width, (int)height, extension) : null;
}
