using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace LipSol.Inference;

/// <summary>Writes bundles.</summary>
/// <remarks>
/// <c>bundle.json</c>, <c>evaluation.json</c>, then the files of the model folder below <c>model/</c> in ordinal order, none compressed (weights hardly shrink,
/// and what isn't compressed can't unpack to more than was sent), all with the date at which zip's calendar starts.
/// </remarks>
public static class BundleFile
{
    /// <summary>The newest format that this version reads, and the one it writes.</summary>
    public const int Format = 1;

    /// <summary>What the file's name should end with.</summary>
    public const string Extension = ".lipsol.zip";

    /// <summary>The part that names the others.</summary>
    public const string ManifestName = "bundle.json";

    /// <summary>Every test sample with its reading.</summary>
    public const string EvaluationName = "evaluation.json";

    /// <summary>Where the files of the model folder lie.</summary>
    public const string ModelFolder = "model/";

    private const int RegularFile = 0x81A4 << 16; // -rw-r--r--: the same on every system

    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
        NewLine = "\n",
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    private static readonly DateTimeOffset ZipEpoch = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Writes a bundle.</summary>
    /// <param name="manifest">What it says of itself; its <see cref="BundleManifest.Parts"/> are filled in here.</param>
    /// <param name="parts">The parts by name, in any order. Each is opened twice: to hash it, and to copy it.</param>
    /// <param name="destination">Where to; must be seekable, since sizes are written before the bytes.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static void Write(BundleManifest manifest, IReadOnlyDictionary<string, Func<Stream>> parts, Stream destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(parts);
        var order = Order(parts);
        using var zip = new ZipArchive(destination, ZipArchiveMode.Create, leaveOpen: true);
        using (var first = Entry(zip, ManifestName)) first.Write(Describe(manifest, parts));
        foreach (var (path, open) in order)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var source = open();
            using var entry = Entry(zip, path);
            source.CopyTo(entry);
        }
    }

    /// <summary>The bytes of <see cref="ManifestName"/>, with the parts described.</summary>
    public static byte[] Describe(BundleManifest manifest, IReadOnlyDictionary<string, Func<Stream>> parts)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(parts);
        return JsonSerializer.SerializeToUtf8Bytes(manifest with { Parts = [.. Order(parts).Select(p => Describe(p.Key, p.Value))] }, Json);
    }

    /// <summary>Reads <see cref="ManifestName"/>.</summary>
    /// <exception cref="UnusableBundleException">It isn't one.</exception>
    public static BundleManifest ReadManifest(Stream json)
    {
        try
        {
            return JsonSerializer.Deserialize<BundleManifest>(json, Json) ?? throw new JsonException("it is empty");
        }
        catch (JsonException e)
        {
            throw new UnusableBundleException(BundleProblem.NotABundle, $"{ManifestName} can't be read: {e.Message}", e);
        }
    }

    private static KeyValuePair<string, Func<Stream>>[] Order(IReadOnlyDictionary<string, Func<Stream>> parts) => [.. parts.OrderBy(p => p.Key, StringComparer.Ordinal)];

    private static BundlePart Describe(string path, Func<Stream> open)
    {
        using var source = open();
        var hash = Convert.ToHexStringLower(SHA256.HashData(source));
        return new BundlePart(path, source.Length, hash);
    }

    private static Stream Entry(ZipArchive zip, string name)
    {
        var entry = zip.CreateEntry(name, CompressionLevel.NoCompression);
        entry.LastWriteTime = ZipEpoch;
        entry.ExternalAttributes = RegularFile;
        return entry.Open();
    }
}
