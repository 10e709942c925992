using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LipSol.Kernel.Jupyter;

/// <summary>Messages as frames: identities, a delimiter, the signature, then header, parent's header, metadata and content as JSON.</summary>
internal sealed class WireFormat(string key)
{
    private const string ProtocolVersion = "5.3";
    private static readonly byte[] Delimiter = "<IDS|MSG>"u8.ToArray();
    private static readonly byte[] Nothing = "{}"u8.ToArray();
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly byte[] _key = Encoding.UTF8.GetBytes(key);
    private readonly string _session = Guid.NewGuid().ToString();

    /// <summary>The message in <paramref name="frames"/>; null where it isn't one, or where its signature isn't right.</summary>
    public JupyterMessage? Parse(IReadOnlyList<byte[]> frames)
    {
        var at = 0;
        while (at < frames.Count && !frames[at].AsSpan().SequenceEqual(Delimiter))
            at++;
        if (at + 6 > frames.Count || !IsSigned(frames[at + 1], frames, at + 2))
            return null;
        try
        {
            return JsonNode.Parse(frames[at + 2]) is JsonObject header && JsonNode.Parse(frames[at + 5]) is JsonObject content
                ? new JupyterMessage([.. frames.Take(at)], header, content) { Metadata = JsonNode.Parse(frames[at + 4]) as JsonObject }
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The frames of a message of <paramref name="type"/>, in answer to <paramref name="parent"/>.</summary>
    public IReadOnlyList<byte[]> Write(string type, JsonObject content, JupyterMessage? parent, IReadOnlyList<byte[]> identities)
    {
        var header = new JsonObject
        {
            ["msg_id"] = Guid.NewGuid().ToString(),
            ["msg_type"] = type,
            ["session"] = _session,
            ["username"] = "kernel",
            ["date"] = DateTime.UtcNow.ToString("O", CultureInfo.InvariantCulture),
            ["version"] = ProtocolVersion,
        };
        byte[][] signed = [Bytes(header), parent is null ? Nothing : Bytes(parent.Header), Nothing, Bytes(content)];
        return [.. identities, Delimiter, Encoding.ASCII.GetBytes(SignatureOf(signed)), .. signed];
    }

    private static byte[] Bytes(JsonObject json)
    {
        // A parent's header is written by several threads at once, and a JsonNode isn't made for that.
        lock (json)
            return JsonSerializer.SerializeToUtf8Bytes(json, Compact);
    }

    private bool IsSigned(byte[] signature, IReadOnlyList<byte[]> frames, int first) => _key.Length == 0
        || CryptographicOperations.FixedTimeEquals(signature, Encoding.ASCII.GetBytes(SignatureOf([.. frames.Skip(first).Take(4)])));

    private string SignatureOf(byte[][] parts)
    {
        if (_key.Length == 0)
            return "";
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        foreach (var part in parts)
            hash.AppendData(part);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
