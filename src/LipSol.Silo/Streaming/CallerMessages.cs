using System.Globalization;
using System.Text.Json;
using LipSol.Client;

namespace LipSol.Silo.Streaming;

/// <summary>What a caller says in words: what the stream is, and that it's over.</summary>
internal static class CallerMessages
{
    /// <summary>The first message: what the stream is.</summary>
    /// <exception cref="StreamEnding">It isn't.</exception>
    public static StreamOptions Parse(Incoming first)
    {
        try
        {
            if (!first.IsText) throw new StreamEnding("bad-request", "The first message has to be text: JSON that says what the stream is, e.g. {\"input\":\"frames\",\"framesPerSecond\":25}.");
            var options = JsonSerializer.Deserialize<StreamOptions>(first.Content, LipSolJson.Options) ?? new();
            return options.FramesPerSecond is >= 1 and <= 240 ? options : throw new StreamEnding("bad-request", string.Create(CultureInfo.InvariantCulture, $"framesPerSecond is {options.FramesPerSecond}. Give 1 to 240."));
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new StreamEnding("bad-request", $"The first message is not the JSON that says what the stream is: {e.Message}");
        }
    }

    /// <summary>Whether a text within the stream says that nothing more comes.</summary>
    public static bool IsEnd(byte[] content)
    {
        try
        {
            using var message = JsonDocument.Parse(content);
            return message.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("end");
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
