using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;
using LipSol.Artifacts;

namespace LipSol.Corpus;

/// <summary>A corpus manifest as JSON. The bytes are a function of the manifest alone; their MD5 is the data hash.</summary>
public static class ManifestFile
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.Create(UnicodeRanges.All),
        WriteIndented = true,
        NewLine = "\n",
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectNullableAnnotations = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>The file's bytes. Clips are ordered by id, origin by key, whatever order they came in.</summary>
    public static byte[] ToBytes(CorpusManifest manifest) => JsonSerializer.SerializeToUtf8Bytes(manifest with
    {
        Clips = [.. manifest.Clips.OrderBy(c => c.Id, StringComparer.Ordinal)],
        Origin = new SortedDictionary<string, string>(manifest.Origin.ToDictionary(), StringComparer.Ordinal),
    }, Options);

    /// <summary>The data hash.</summary>
    public static string Hash(CorpusManifest manifest) => ArtifactHash.Of(ToBytes(manifest));

    /// <summary>Reads a manifest.</summary>
    /// <exception cref="InvalidDataException">Not a corpus manifest.</exception>
    public static CorpusManifest Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize<CorpusManifest>(json, Options) ?? throw new JsonException("it is empty");
        }
        catch (Exception e) when (e is JsonException or ArgumentException) // the latter from a grammar without words
        {
            throw new InvalidDataException($"Not a corpus manifest: {e.Message}", e);
        }
    }
}
