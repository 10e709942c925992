using System.Text.Json;

namespace LipSol.Kernel.Jupyter;

/// <summary>A connection file can't be used; the message says what is wrong with it.</summary>
public sealed class ConnectionFileException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// Where a front end waits for the kernel and how messages are signed: the file that it passes on when it starts one
/// (https://jupyter-client.readthedocs.io/en/stable/kernels.html#connection-files).
/// </summary>
/// <param name="Ip">The address to listen on.</param>
/// <param name="Shell">Port for requests.</param>
/// <param name="Control">Port for requests that mustn't wait behind a cell.</param>
/// <param name="IoPub">Port for what everyone hears.</param>
/// <param name="Stdin">Port for questions to the person.</param>
/// <param name="Heartbeat">Port that echoes.</param>
/// <param name="Key">The key of the signatures; empty where messages aren't signed.</param>
public sealed record ConnectionFile(string Ip, int Shell, int Control, int IoPub, int Stdin, int Heartbeat, string Key)
{
    /// <summary>The file itself; null where it's none.</summary>
    public string? Path { get; init; }

    private static readonly string[] Ports = ["shell_port", "control_port", "iopub_port", "stdin_port", "hb_port"];

    /// <summary>Reads <paramref name="path"/>.</summary>
    /// <exception cref="ConnectionFileException">It isn't there, isn't JSON, lacks fields or asks for what this kernel can't do.</exception>
    public static ConnectionFile Read(string path)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConnectionFileException($"The connection file {path} can't be read: {e.Message} Jupyter writes it and names it when it starts a kernel.", e);
        }

        try
        {
            using var json = JsonDocument.Parse(text);
            return Of(json.RootElement, path) with { Path = path };
        }
        catch (JsonException e)
        {
            throw new ConnectionFileException($"The connection file {path} isn't JSON: {e.Message}", e);
        }
    }

    internal string Address(int port) => $"tcp://{Ip}:{port}";

    private static ConnectionFile Of(JsonElement root, string path)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw new ConnectionFileException($"The connection file {path} holds no JSON object.");
        var missing = new[] { "ip", "transport", "key", "signature_scheme" }.Concat(Ports).Where(name => !root.TryGetProperty(name, out _)).ToArray();
        if (missing.Length > 0)
            throw new ConnectionFileException($"The connection file {path} is missing {string.Join(", ", missing)}.");
        if (Text("transport") != "tcp")
            throw new ConnectionFileException($"The connection file {path} asks for the transport {Text("transport")}; this kernel has tcp.");
        if (Text("key").Length > 0 && Text("signature_scheme") != "hmac-sha256")
            throw new ConnectionFileException($"The connection file {path} asks for signatures of the scheme {Text("signature_scheme")}; this kernel has hmac-sha256.");
        if (Ports.FirstOrDefault(p => root.GetProperty(p) is not { ValueKind: JsonValueKind.Number } number || !number.TryGetInt32(out var port) || port is < 1 or > 65535) is { } wrong)
            throw new ConnectionFileException($"The connection file {path} has no port number (1 to 65535) as {wrong}.");
        return new ConnectionFile(Text("ip"), Port(0), Port(1), Port(2), Port(3), Port(4), Text("key"));

        string Text(string name) => root.GetProperty(name) is { ValueKind: JsonValueKind.String } value
            ? value.GetString()!
            : throw new ConnectionFileException($"The connection file {path} has no text as {name}.");

        int Port(int which) => root.GetProperty(Ports[which]).GetInt32();
    }
}
