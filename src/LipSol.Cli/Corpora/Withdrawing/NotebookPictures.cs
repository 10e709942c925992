using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace LipSol.Cli.Corpora.Withdrawing;

/// <summary>The pictures in an executed notebook: of mouths, where a cell showed clips.</summary>
internal static partial class NotebookPictures
{
    private static readonly JsonSerializerOptions Options = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The notebook without the pictures and films of its outputs; null where there are none. What isn't a notebook is taken for one that may show everything: nothing is left of it.</summary>
    public static byte[]? Without(byte[] notebook)
    {
        JsonNode? root;
        try
        {
            root = JsonNode.Parse(notebook);
        }
        catch (JsonException)
        {
            root = null;
        }
        if (root is not JsonObject document || document["cells"] is not JsonArray cells) return "{}"u8.ToArray();
        var changed = false;
        foreach (var output in cells.OfType<JsonObject>().Select(c => c["outputs"]).OfType<JsonArray>().SelectMany(o => o).OfType<JsonObject>())
        {
            if (output["data"] is not JsonObject data) continue;
            foreach (var kind in data.Select(d => d.Key).ToArray())
            {
                if (kind.StartsWith("image/", StringComparison.Ordinal) || kind.StartsWith("video/", StringComparison.Ordinal)) changed |= data.Remove(kind);
                else if (Text(data[kind]) is { } text && Embedded().IsMatch(text)) (data[kind], changed) = (Embedded().Replace(text, "data:,"), true);
            }
        }
        return changed ? JsonSerializer.SerializeToUtf8Bytes(document, Options) : null;
    }

    // A notebook holds a text as one string, or as its lines.
    private static string? Text(JsonNode? node) => node switch
    {
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        JsonArray lines when lines.All(l => l is JsonValue v && v.TryGetValue<string>(out _)) => string.Concat(lines.Select(l => l!.GetValue<string>())),
        _ => null,
    };

    [GeneratedRegex("data:(image|video)/[A-Za-z0-9.+-]+;base64,[A-Za-z0-9+/=]*")]
    private static partial Regex Embedded();
}
