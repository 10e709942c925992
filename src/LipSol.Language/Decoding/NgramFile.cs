using System.Security.Cryptography;
using System.Text;

namespace LipSol.Language.Decoding;

/// <summary>The file of a letter n-gram model: counts only, about three bytes an n-gram.</summary>
/// <remarks>
/// <c>LIPSOLNG</c>, then numbers of 7 bits a byte, least first: format version, order, letters and their code points, nodes, and for every node of
/// the trie, breadth first, its number of children and (but for the root) its letter and count. At the end SHA-256 of all before.
/// </remarks>
internal static class NgramFile
{
    private const int Version = 1;
    private static readonly byte[] Magic = "LIPSOLNG"u8.ToArray();

    public static byte[] Write(NgramCounts counts)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(Magic);
        writer.Write7BitEncodedInt(Version);
        writer.Write7BitEncodedInt(counts.Order);
        writer.Write7BitEncodedInt(counts.Alphabet.Letters.Count);
        foreach (var letter in counts.Alphabet.Letters) writer.Write7BitEncodedInt(Rune.GetRuneAt(letter, 0).Value);
        writer.Write7BitEncodedInt(counts.Letter.Length);
        for (var node = 0; node < counts.Letter.Length; node++)
        {
            writer.Write7BitEncodedInt(counts.FirstChild[node + 1] - counts.FirstChild[node]);
            if (node == 0) continue;
            writer.Write7BitEncodedInt(counts.Letter[node]);
            writer.Write7BitEncodedInt(counts.Count[node]);
        }
        writer.Flush();
        writer.Write(SHA256.HashData(stream.ToArray()));
        return stream.ToArray();
    }

    public static NgramCounts Read(ReadOnlySpan<byte> file)
    {
        if (file.Length < Magic.Length + SHA256.HashSizeInBytes || !file.StartsWith(Magic)) throw new InvalidDataException("This is no language model file of LipSol's.");
        var body = file[..^SHA256.HashSizeInBytes];
        if (!file[^SHA256.HashSizeInBytes..].SequenceEqual(SHA256.HashData(body))) throw new InvalidDataException("The language model file is damaged: its checksum doesn't fit.");
        using var reader = new BinaryReader(new MemoryStream(body[Magic.Length..].ToArray()));
        try
        {
            var version = reader.Read7BitEncodedInt();
            if (version != Version) throw new InvalidDataException($"The language model file has format {version}; this LipSol reads format {Version}.");
            var order = Within(reader.Read7BitEncodedInt(), 1, CharacterNgramModel.HighestOrder);
            var alphabet = new Alphabet([.. Enumerable.Range(0, Within(reader.Read7BitEncodedInt(), 1, 0x110000)).Select(_ => new Rune(reader.Read7BitEncodedInt()).ToString())]);
            var nodes = Within(reader.Read7BitEncodedInt(), 2, body.Length);
            var (letter, count, firstChild, depth) = (new int[nodes], new int[nodes], new int[nodes + 1], new int[nodes]);
            firstChild[0] = 1;
            for (var node = 0; node < nodes; node++)
            {
                firstChild[node + 1] = Within(firstChild[node] + Within(reader.Read7BitEncodedInt(), 0, alphabet.Count), 1, nodes);
                if (node == 0 && firstChild[1] == 1) throw new InvalidDataException("The language model file has no n-grams.");
                Within(firstChild[node], node + 1, nodes); // children come after their parent
                for (var child = firstChild[node]; child < firstChild[node + 1]; child++) depth[child] = Within(depth[node] + 1, 1, order);
                if (node == 0) continue;
                letter[node] = Within(reader.Read7BitEncodedInt(), 0, alphabet.Count - 1);
                count[node] = Within(reader.Read7BitEncodedInt(), 1, int.MaxValue);
            }
            Within(firstChild[^1], nodes, nodes);
            return new NgramCounts(alphabet, order, letter, count, firstChild);
        }
        catch (Exception e) when (e is EndOfStreamException or ArgumentException or FormatException)
        {
            throw new InvalidDataException($"The language model file is inconsistent: {e.Message}", e);
        }
    }

    private static int Within(int value, int low, int high) =>
        value >= low && value <= high ? value : throw new InvalidDataException($"The language model file is inconsistent: {value} is not within {low} and {high}.");
}
