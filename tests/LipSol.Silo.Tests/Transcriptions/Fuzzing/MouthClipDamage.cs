using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;

namespace LipSol.Silo.Tests.Transcriptions.Fuzzing;

/// <summary>Mouth clips that are damaged inside their archive, whose checksums agree: else the archive alone would be tried.</summary>
internal sealed partial class MouthClipDamage(Damage damage)
{
    private static readonly string[] Numbers = ["0", "-1", "1", "2147483647", "2147483648", "1e-300", "1e300", "99999999999999999999", "null", "\"25\"", "[]", "{}"];

    public byte[] Of(byte[] original, Random random)
    {
        if (random.Next(2) == 0) return damage.Of(original, random);
        using var from = new ZipArchive(new MemoryStream(original));
        var entries = from.Entries.Select(e => (e.FullName, Bytes: Bytes(e))).ToList();
        var which = random.Next(entries.Count);
        var (name, bytes) = entries[which];
        switch (random.Next(4))
        {
            case 0: // any bytes
                entries[which] = (name, damage.Of(bytes, random));
                break;
            case 1: // a number of the header or the settings
                entries[which] = (name, WithNumber(bytes, random));
                break;
            case 2: // one missing, twice, or under another's name
                if (random.Next(3) == 0) entries.RemoveAt(which);
                else entries.Add((entries[random.Next(entries.Count)].FullName, bytes));
                break;
            default: // values that no frame has: confidences that aren't numbers, unknown sources
                if (bytes.Length > 128) random.NextBytes(bytes.AsSpan(128, Math.Min(bytes.Length - 128, random.Next(1, 400))));
                break;
        }
        var archive = new MemoryStream();
        using (var to = new ZipArchive(archive, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (entry, content) in entries)
            {
                using var target = to.CreateEntry(entry, random.Next(2) == 0 ? CompressionLevel.Fastest : CompressionLevel.NoCompression).Open();
                target.Write(content);
            }
        return archive.ToArray();
    }

    private static byte[] Bytes(ZipArchiveEntry entry)
    {
        using var source = entry.Open();
        var bytes = new MemoryStream();
        source.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static byte[] WithNumber(byte[] bytes, Random random)
    {
        var head = Encoding.Latin1.GetString(bytes, 0, Math.Min(bytes.Length, 400));
        var numbers = Number().Matches(head);
        if (numbers.Count == 0) return bytes;
        var number = numbers[random.Next(numbers.Count)];
        return [.. bytes.AsSpan(0, number.Index), .. Encoding.Latin1.GetBytes(Numbers[random.Next(Numbers.Length)]), .. bytes.AsSpan(number.Index + number.Length)];
    }

    [GeneratedRegex(@"(?<=[ (:,\[])\d[\d.]*")]
    private static partial Regex Number();
}
