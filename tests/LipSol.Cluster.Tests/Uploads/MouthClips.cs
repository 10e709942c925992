using System.IO.Compression;
using System.Text;
using LipSol.Clips;

namespace LipSol.Cluster.Tests.Uploads;

/// <summary>Mouth clip files that claim what they aren't.</summary>
internal static class MouthClips
{
    public static byte[] Good(int seed = 1) => MouthClipFile.ToBytes(BrightCorpus.Clip(2, seed));

    /// <summary>A good file with one entry replaced.</summary>
    public static byte[] With(string entry, Action<Stream> write, CompressionLevel level = CompressionLevel.Optimal)
    {
        var archive = new MemoryStream();
        archive.Write(Good());
        using (var zip = new ZipArchive(archive, ZipArchiveMode.Update, leaveOpen: true)) zip.GetEntry(entry)!.Delete();
        // Appended anew: an archive that is updated keeps its entries in memory, which a large one wouldn't fit into.
        var result = new MemoryStream();
        using (var from = new ZipArchive(archive, ZipArchiveMode.Read))
        using (var to = new ZipArchive(result, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var kept in from.Entries)
            {
                using var source = kept.Open();
                using var target = to.CreateEntry(kept.FullName).Open();
                source.CopyTo(target);
            }
            using var replaced = to.CreateEntry(entry, level).Open();
            write(replaced);
        }
        return result.ToArray();
    }

    /// <summary>A good file whose frames have this shape in their header, and the bytes they had.</summary>
    public static byte[] WithShape(string shape) => With("frames.npy", stream =>
    {
        stream.Write(Header(shape));
        stream.Write(new byte[30 * 96 * 96]);
    });

    /// <summary>Frames that unpack to so many zeros.</summary>
    public static byte[] Bomb(long bytes, string shape) => With("frames.npy", stream =>
    {
        stream.Write(Header(shape));
        var zeros = new byte[1 << 20];
        for (; bytes > 0; bytes -= zeros.Length) stream.Write(zeros, 0, (int)Math.Min(bytes, zeros.Length));
    });

    /// <summary>An archive with a list of very many empty files.</summary>
    public static byte[] WithManyEntries(int count)
    {
        var archive = new MemoryStream();
        using (var zip = new ZipArchive(archive, ZipArchiveMode.Create, leaveOpen: true))
            for (var i = 0; i < count; i++) zip.CreateEntry($"{i:x}");
        return archive.ToArray();
    }

    private static byte[] Header(string shape)
    {
        var header = ($"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}").PadRight(117) + "\n";
        return [0x93, .. "NUMPY"u8, 1, 0, .. BitConverter.GetBytes((ushort)header.Length), .. Encoding.ASCII.GetBytes(header)];
    }
}
