using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace LipSol.Inference;

/// <summary>Reads and writes the two files of a model folder's manifest side: <c>model.json</c>, which names the hash of <c>model.onnx</c>.</summary>
public static class ModelManifestFile
{
    /// <summary>The manifest's file name in the model folder.</summary>
    public const string Name = "model.json";

    /// <summary>The network's file name in the model folder.</summary>
    public const string OnnxName = "model.onnx";

    /// <summary>The trained weights' file name in the model folder (safetensors): what another run may start from. Folders of versions before it was kept have none.</summary>
    public const string WeightsName = "weights.safetensors";

    /// <summary>The newest format that this version reads.</summary>
    public const int Format = 1;

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
        RespectNullableAnnotations = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>Writes <paramref name="manifest"/> into a folder that already holds <c>model.onnx</c>, with that file's hash.</summary>
    public static void Write(ModelManifest manifest, string folder)
    {
        using var onnx = File.OpenRead(Path.Combine(folder, OnnxName));
        var complete = manifest with { OnnxHash = Convert.ToHexStringLower(MD5.HashData(onnx)) };
        File.WriteAllBytes(Path.Combine(folder, Name), JsonSerializer.SerializeToUtf8Bytes(complete, Options));
    }

    /// <summary>Reads the manifest of a model folder and checks it: format, sizes, vocabulary, and the hash of <c>model.onnx</c>.</summary>
    /// <exception cref="UnusableModelException">The folder holds no model that this version can read; the message says why.</exception>
    public static ModelManifest Read(string folder)
    {
        var path = Path.Combine(folder, Name);
        var manifest = Parse(path);
        if (manifest.Vocabulary.Count == 0 || manifest.Vocabulary.Distinct(StringComparer.Ordinal).Count() != manifest.Vocabulary.Count)
            throw new UnusableModelException($"{path}: the vocabulary is empty or names a class twice.");
        if (manifest.Task == ModelTask.Characters && (manifest.Vocabulary[0].Length > 0 || manifest.Vocabulary.Skip(1).Any(l => l.EnumerateRunes().Count() != 1)))
            throw new UnusableModelException($"{path}: the vocabulary of a model that reads letters is CTC's blank (an empty text), then one letter each.");
        if (manifest.Input is not { Frames: > 0, Resize: > 0, Size: > 0 } || manifest.Input.Size > manifest.Input.Resize || !(manifest.Input.StandardDeviation > 0))
            throw new UnusableModelException($"{path}: the input's sizes make no sense ({manifest.Input}).");
        if (!(manifest.Temperature > 0) || !double.IsFinite(manifest.Temperature))
            throw new UnusableModelException($"{path}: the temperature is {manifest.Temperature}; it has to be above 0.");
        if (manifest.Decoding is { } decoding && (manifest.Task != ModelTask.Characters || decoding.Decoders.Any(d => d is null)))
            throw new UnusableModelException($"{path}: only a model that reads letters has decoders, and each has its settings.");
        CheckNetwork(Path.Combine(folder, OnnxName), manifest.OnnxHash);
        return manifest;
    }

    /// <summary>Reads a manifest on its own, without the network beside it.</summary>
    /// <exception cref="UnusableModelException">Not a manifest that this version reads.</exception>
    public static ModelManifest Read(Stream manifest)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        using var bytes = new MemoryStream();
        manifest.CopyTo(bytes);
        return Parse(bytes.ToArray(), Name);
    }

    private static ModelManifest Parse(string path)
    {
        try
        {
            return Parse(File.ReadAllBytes(path), path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UnusableModelException($"{path} does not exist. A model folder holds {Name} and {OnnxName}.", e);
        }
    }

    private static ModelManifest Parse(byte[] bytes, string path)
    {
        try
        {
            using (var document = JsonDocument.Parse(bytes))
                if (document.RootElement.TryGetProperty("format", out var format) && format.GetInt32() > Format)
                    throw new UnusableModelException($"{path} has format {format.GetInt32()}; this version of LipSol reads up to {Format}. Update LipSol.");
            return JsonSerializer.Deserialize<ModelManifest>(bytes, Options) ?? throw new JsonException("it is empty");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new UnusableModelException($"{path} is not a model's manifest: {e.Message}", e);
        }
    }

    private static void CheckNetwork(string path, string? hash)
    {
        if (!File.Exists(path)) throw new UnusableModelException($"{path} does not exist. A model folder holds {Name} and {OnnxName}.");
        if (hash is null) return;
        using var onnx = File.OpenRead(path);
        var found = Convert.ToHexStringLower(MD5.HashData(onnx));
        if (found != hash)
            throw new UnusableModelException($"{path} has MD5 {found}, but {Name} says {hash}: the file was changed or cut short. Export the model again.");
    }
}

/// <summary>A model folder that can't be used; the message says why.</summary>
public sealed class UnusableModelException(string message, Exception? inner = null) : Exception(message, inner);
