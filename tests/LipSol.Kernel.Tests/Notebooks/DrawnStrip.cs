using System.Buffers.Binary;
using System.IO.Compression;

namespace LipSol.Kernel.Tests.Notebooks;

/// <summary>A PNG of a mouth that opens and closes: square grey frames side by side.</summary>
internal static class DrawnStrip
{
    public static byte[] Png(int frames, int edge, double phase)
    {
        var rows = new byte[edge * (1 + frames * edge)];
        for (var y = 0; y < edge; y++)
        {
            for (var x = 0; x < frames * edge; x++)
            {
                var open = 0.05 + 0.22 * Math.Pow(Math.Sin(Math.PI * (x / edge) / (frames - 1.0) + phase), 2);
                double dx = (x % edge - edge / 2.0) / edge, dy = (y - edge / 2.0) / edge;
                var lip = dx * dx / 0.11 + dy * dy / ((open + 0.09) * (open + 0.09));
                var gap = dx * dx / 0.07 + dy * dy / (open * open);
                rows[y * (1 + frames * edge) + 1 + x] = (byte)(gap < 1 ? 30 : lip < 1 ? 110 : 178 - 30 * dy);
            }
        }

        using var png = new MemoryStream();
        png.Write([0x89, .. "PNG\r\n\u001a\n"u8]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, frames * edge);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), edge);
        header[8] = 8;
        Chunk(png, "IHDR"u8, header);
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            zlib.Write(rows);
        Chunk(png, "IDAT"u8, packed.ToArray());
        Chunk(png, "IEND"u8, []);
        return png.ToArray();
    }

    private static void Chunk(MemoryStream png, ReadOnlySpan<byte> type, byte[] body)
    {
        var number = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, body.Length);
        png.Write(number);
        byte[] content = [.. type, .. body];
        png.Write(content);
        var crc = uint.MaxValue;
        foreach (var value in content)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
        }

        BinaryPrimitives.WriteUInt32BigEndian(number, ~crc);
        png.Write(number);
    }
}
