using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;

namespace LipSol.Inference;

/// <summary>Takes a bundle apart, and believes nothing of it before it's checked.</summary>
public static class BundleReader
{
    private const int EndOfDirectory = 22; // a zip's last record, without a comment (APPNOTE 4.3.16)
    private const int DirectoryEntry = 46 + 256;

    /// <summary>Checks a bundle and writes its parts below <paramref name="folder"/>: <c>evaluation.json</c> and <c>model/…</c>.</summary>
    /// <param name="file">The bundle; seekable.</param>
    /// <param name="folder">An empty folder.</param>
    /// <param name="limits">What it may be at most.</param>
    /// <param name="cancellationToken">Gives up; what was written stays for the caller to remove.</param>
    /// <exception cref="UnusableBundleException">It isn't one, is damaged, too large, newer than this version reads, or tries to write elsewhere.</exception>
    public static BundleManifest Unpack(Stream file, string folder, BundleLimits limits, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(limits);
        RequireSmallDirectory(file, limits);
        try
        {
            using var zip = new ZipArchive(file, ZipArchiveMode.Read, leaveOpen: true);
            var manifest = ReadManifest(zip, limits);
            var entries = Match(zip, manifest, limits);
            foreach (var (part, entry) in entries)
            {
                cancellationToken.ThrowIfCancellationRequested();
                WriteOut(part, entry, folder);
            }
            return manifest;
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or NotSupportedException or ArgumentException or OverflowException)
        {
            throw new UnusableBundleException(BundleProblem.Damaged, $"The bundle is damaged ({e.Message}). Export or copy it again.", e);
        }
    }

    // The directory of a zip is held in memory whole: its size is looked at before, in the record that ends the file.
    private static void RequireSmallDirectory(Stream file, BundleLimits limits)
    {
        if (file.Length > limits.Bytes) throw TooLarge($"The bundle has {Megabytes(file.Length)}; at most {Megabytes(limits.Bytes)} are taken.");
        Span<byte> start = stackalloc byte[4];
        Span<byte> end = stackalloc byte[EndOfDirectory];
        file.Position = 0;
        if (file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) < start.Length || !start.SequenceEqual("PK\u0003\u0004"u8))
            throw new UnusableBundleException(BundleProblem.NotABundle, $"This is no bundle: it doesn't begin as a zip file does. Give a file that `lipsol models export` wrote (*{BundleFile.Extension}).");
        file.Position = Math.Max(0, file.Length - EndOfDirectory);
        if (file.ReadAtLeast(end, end.Length, throwOnEndOfStream: false) < end.Length || !end[..4].SequenceEqual("PK\u0005\u0006"u8))
            throw new UnusableBundleException(BundleProblem.Damaged, "The bundle doesn't end as it should: it was cut short, or something was appended. Copy or export it again.");
        var entries = BinaryPrimitives.ReadUInt16LittleEndian(end[10..]);
        long size = BinaryPrimitives.ReadUInt32LittleEndian(end[12..]), offset = BinaryPrimitives.ReadUInt32LittleEndian(end[16..]);
        if (entries > limits.Parts + 1 || size > (limits.Parts + 1L) * DirectoryEntry) throw TooLarge($"The bundle has {entries} parts; at most {limits.Parts + 1} are taken.");
        if (offset + size + EndOfDirectory != file.Length)
            throw new UnusableBundleException(BundleProblem.Damaged, "The bundle's directory doesn't lie where it should: it was cut short or changed. Copy or export it again.");
        file.Position = 0;
    }

    private static BundleManifest ReadManifest(ZipArchive zip, BundleLimits limits)
    {
        var entry = zip.GetEntry(BundleFile.ManifestName)
            ?? throw new UnusableBundleException(BundleProblem.NotABundle, $"This zip file is no bundle: it holds no {BundleFile.ManifestName}. Give a file that `lipsol models export` wrote.");
        if (entry.Length > limits.ManifestBytes) throw TooLarge($"The bundle's {BundleFile.ManifestName} has {entry.Length} bytes; at most {limits.ManifestBytes} are taken.");
        RequireStored(entry);
        var bytes = new byte[entry.Length];
        using (var source = entry.Open()) source.ReadExactly(bytes);
        try
        {
            // The format before the rest: what a later version writes may look different altogether.
            using (var document = JsonDocument.Parse(bytes))
            {
                if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("kind", out var kind) || kind.ValueKind != JsonValueKind.String || kind.GetString() != BundleManifest.ModelKind)
                    throw new UnusableBundleException(BundleProblem.NotABundle, $"This is no model's bundle: {BundleFile.ManifestName} doesn't say \"kind\": \"{BundleManifest.ModelKind}\".");
                var format = document.RootElement.TryGetProperty("format", out var number) ? number.GetInt32() : 0;
                if (format > BundleFile.Format)
                    throw new UnusableBundleException(BundleProblem.NewerFormat, $"The bundle has format {format}; this version of LipSol reads up to {BundleFile.Format}. Update LipSol.");
                if (format < 1) throw new JsonException("it names no format");
            }
            return JsonSerializer.Deserialize<BundleManifest>(bytes, BundleFile.Json) ?? throw new JsonException("it is empty");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new UnusableBundleException(BundleProblem.Damaged, $"The bundle's {BundleFile.ManifestName} can't be read: {e.Message}", e);
        }
    }

    /// <summary>Each part with its entry: exactly those that the manifest names, each once, each as long as it says.</summary>
    private static List<(BundlePart Part, ZipArchiveEntry Entry)> Match(ZipArchive zip, BundleManifest manifest, BundleLimits limits)
    {
        if (manifest.Parts.Count > limits.Parts) throw TooLarge($"The bundle names {manifest.Parts.Count} parts; at most {limits.Parts} are taken.");
        if (manifest.Parts.Any(p => p is null || p.Path is null || p.Sha256 is null)) throw new InvalidDataException("a part has no path or no hash");
        foreach (var part in manifest.Parts) RequireSafe(part.Path);
        // Whatever the system, two names that differ in case alone are one too many.
        var entries = new Dictionary<string, ZipArchiveEntry>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in zip.Entries)
            if (!entries.TryAdd(entry.FullName, entry)) throw new InvalidDataException($"two parts are called {entry.FullName}");
        if (manifest.Parts.Select(p => p.Path).Append(BundleFile.ManifestName).Distinct(StringComparer.OrdinalIgnoreCase).Count() != entries.Count || entries.Count != manifest.Parts.Count + 1)
            throw new InvalidDataException($"it holds {entries.Count - 1} parts, and {BundleFile.ManifestName} names {manifest.Parts.Count}");
        var total = 0L;
        var matched = new List<(BundlePart, ZipArchiveEntry)>(manifest.Parts.Count);
        foreach (var part in manifest.Parts)
        {
            if (!entries.TryGetValue(part.Path, out var entry) || entry.FullName != part.Path) throw new InvalidDataException($"{part.Path} is missing");
            RequireStored(entry);
            if (entry.Length != part.Bytes) throw new InvalidDataException($"{part.Path} has {entry.Length} bytes instead of {part.Bytes}");
            total = checked(total + part.Bytes);
            matched.Add((part, entry));
        }
        if (total > limits.Bytes) throw TooLarge($"The bundle's parts have {Megabytes(total)}; at most {Megabytes(limits.Bytes)} are taken.");
        foreach (var needed in new[] { BundleFile.EvaluationName, BundleFile.ModelFolder + ModelManifestFile.Name, BundleFile.ModelFolder + ModelManifestFile.OnnxName })
            if (manifest.Parts.All(p => p.Path != needed)) throw new InvalidDataException($"{needed} is missing");
        return matched;
    }

    private static void WriteOut(BundlePart part, ZipArchiveEntry entry, string folder)
    {
        var path = Path.GetFullPath(Path.Combine(folder, part.Path));
        if (!path.StartsWith(Path.GetFullPath(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal)) throw Unsafe(part.Path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var source = entry.Open();
        using var target = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 17];
        // The directory's lengths are claims too: no more than was named is ever written.
        for (long left = part.Bytes + 1; left > 0;)
        {
            var read = source.Read(buffer, 0, (int)Math.Min(buffer.Length, left));
            if (read == 0) break;
            left -= read;
            if (left == 0) throw new InvalidDataException($"{part.Path} unpacks to more than its {part.Bytes} bytes");
            hash.AppendData(buffer, 0, read);
            target.Write(buffer, 0, read);
        }
        var found = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (target.Length != part.Bytes || found != part.Sha256)
            throw new UnusableBundleException(BundleProblem.Damaged, $"{part.Path} has SHA-256 {found}, but {BundleFile.ManifestName} says {part.Sha256}: the bundle was changed or damaged. Export or copy it again.");
    }

    private static void RequireStored(ZipArchiveEntry entry)
    {
        if (entry.CompressedLength != entry.Length || entry.IsEncrypted)
            throw new UnusableBundleException(BundleProblem.Damaged,
                $"{entry.FullName} is compressed or encrypted, which no part of a bundle is: another program packed it anew. Give the file as `lipsol models export` wrote it.");
    }

    // Names that stay inside the folder, and mean the same on every system.
    private static void RequireSafe(string path)
    {
        var parts = path.Split('/');
        var isKnown = path == BundleFile.EvaluationName || path.StartsWith(BundleFile.ModelFolder, StringComparison.Ordinal) && parts.Length <= 6;
        if (!isKnown || path.Length > 200 || path.Any(c => char.IsControl(c) || c is '\\' or ':' or '*' or '?' or '"' or '<' or '>' or '|')
            || parts.Any(p => p.Length == 0 || p[^1] is '.' or ' '))
            throw Unsafe(path);
    }

    private static UnusableBundleException Unsafe(string path) => new(BundleProblem.Unsafe,
        $"The bundle names a part \"{new string([.. path.Take(80).Select(c => char.IsControl(c) ? '�' : c)])}\". Parts are {BundleFile.EvaluationName} and files below {BundleFile.ModelFolder}; this one isn't taken in.");

    private static UnusableBundleException TooLarge(string message) => new(BundleProblem.TooLarge, message);

    private static string Megabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0.#} MB");
}
