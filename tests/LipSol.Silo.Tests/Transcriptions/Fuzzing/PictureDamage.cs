using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace LipSol.Silo.Tests.Transcriptions.Fuzzing;

/// <summary>Pictures that are damaged where a decoder looks: headers that lie, and checksums that agree with them all the same.</summary>
internal sealed class PictureDamage(Damage damage)
{
    private static readonly byte[] PngSignature = [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];
    // Of those that a decoder allocates by: small ones, and both sides of a node's limit of 4096×2304.
    private static readonly int[] Sides = [0, 1, 2, 7, 96, 319, 321, 2304, 4096, 4097, 65_500, 65_535];

    public byte[] Of(byte[] original, Random random) =>
        random.Next(2) == 0 ? damage.Of(original, random) : original.AsSpan().StartsWith(PngSignature) ? OfPng(original, random) : OfJpeg(original, random);

    // PNG (W3C, 5.3): chunks of length, type, data and a CRC of the latter two.
    private byte[] OfPng(byte[] original, Random random)
    {
        var chunks = new List<(string Type, byte[] Data)>();
        for (var at = PngSignature.Length; at < original.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(original.AsSpan(at));
            chunks.Add((Encoding.ASCII.GetString(original, at + 4, 4), original[(at + 8)..(at + 8 + length)]));
            at += 12 + length;
        }
        switch (random.Next(5))
        {
            case 0: // a size that the data doesn't have
                BinaryPrimitives.WriteInt32BigEndian(chunks[0].Data.AsSpan(4 * random.Next(2)), Sides[random.Next(Sides.Length)]);
                break;
            case 1: // bit depth, colour type, compression, filter, interlacing
                chunks[0].Data[random.Next(8, 13)] = (byte)random.Next(random.Next(2) == 0 ? 8 : 256);
                break;
            case 2: // what is packed
                var packed = random.Next(1, chunks.Count - 1);
                chunks[packed] = (chunks[packed].Type, damage.Of(chunks[packed].Data, random));
                break;
            case 3: // chunks that a decoder unpacks or computes with, full of noise
                var noise = new byte[random.Next(4000)];
                random.NextBytes(noise);
                chunks.Insert(1, (new[] { "iCCP", "zTXt", "iTXt", "tRNS", "PLTE", "gAMA", "eXIf", "acTL", "fcTL" }[random.Next(9)], noise));
                break;
            default: // one of them twice, or none
                var which = random.Next(chunks.Count);
                if (random.Next(2) == 0) chunks.Insert(random.Next(chunks.Count), chunks[which]);
                else chunks.RemoveAt(which);
                break;
        }
        var png = new MemoryStream();
        png.Write(PngSignature);
        Span<byte> number = stackalloc byte[4];
        foreach (var (type, data) in chunks)
        {
            byte[] checkedPart = [.. Encoding.ASCII.GetBytes(type), .. data];
            BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
            png.Write(number);
            png.Write(checkedPart);
            BinaryPrimitives.WriteUInt32BigEndian(number, Crc32.HashToUInt32(checkedPart));
            png.Write(number);
        }
        return png.ToArray();
    }

    // JPEG (ITU-T T.81, B.1): segments of a marker, a length and data; the picture itself follows the one of SOS.
    private byte[] OfJpeg(byte[] original, Random random)
    {
        var segments = new List<(byte Marker, int At, int Length)>();
        for (var at = 2; at + 4 < original.Length && original[at] == 0xFF; at += 2 + segments[^1].Length)
        {
            segments.Add((original[at + 1], at + 4, BinaryPrimitives.ReadUInt16BigEndian(original.AsSpan(at + 2))));
            if (original[at + 1] == 0xDA) break;
        }
        var bytes = (byte[])original.Clone();
        var frame = segments.First(s => s.Marker is 0xC0 or 0xC2);
        switch (random.Next(5))
        {
            case 0: // a size that the data doesn't have
                BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(frame.At + 1 + 2 * random.Next(2)), (ushort)Sides[random.Next(Sides.Length)]);
                return bytes;
            case 1: // precision, components, their sampling and tables; or another process than the data has
                if (random.Next(3) == 0) bytes[frame.At - 3] = (byte)(0xC0 + random.Next(16));
                else bytes[frame.At + (random.Next(2) == 0 ? 0 : random.Next(5, frame.Length - 2))] = (byte)random.Next(256);
                return bytes;
            case 2: // tables of quantisation or codes, or how the components lie in the scan
                var (_, start, length) = segments[random.Next(segments.Count)];
                for (var i = random.Next(1, 6); i > 0; i--) bytes[start + random.Next(length - 2)] = (byte)random.Next(256);
                return bytes;
            case 3: // segments that are read for a picture's orientation, full of noise
                var noise = new byte[random.Next(20, 4000)];
                random.NextBytes(noise);
                "Exif\0\0II*\0\b\0\0\0"u8.CopyTo(noise);
                return [.. bytes.AsSpan(0, 2), 0xFF, (byte)(0xE0 + random.Next(3)), (byte)((noise.Length + 2) >> 8), (byte)(noise.Length + 2), .. noise, .. bytes.AsSpan(2)];
            default: // the data alone
                var scan = segments[^1].At + segments[^1].Length;
                return [.. bytes.AsSpan(0, scan), .. damage.Of(bytes[scan..], random)];
        }
    }
}
