using System.Text.Json.Nodes;

namespace LipSol.Kernel.Jupyter;

/// <summary>A message of Jupyter's protocol (https://jupyter-client.readthedocs.io/en/stable/messaging.html), as it came.</summary>
/// <param name="Identities">Whom an answer goes to.</param>
/// <param name="Header">Names the message.</param>
/// <param name="Content">What it says.</param>
internal sealed record JupyterMessage(IReadOnlyList<byte[]> Identities, JsonObject Header, JsonObject Content)
{
    /// <summary>What front ends say beside it.</summary>
    public JsonObject? Metadata { get; init; }

    /// <summary>When it came, as <see cref="System.Diagnostics.Stopwatch"/> counts.</summary>
    public long ReceivedAt { get; } = System.Diagnostics.Stopwatch.GetTimestamp();

    public string Type => Header["msg_type"]?.ToString() ?? "";

    /// <summary>The text under <paramref name="name"/>; empty where there is none.</summary>
    public string Text(string name) => Content[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";

    /// <summary>The number under <paramref name="name"/>; <paramref name="otherwise"/> where there is none.</summary>
    public int Number(string name, int otherwise) => Content[name] is JsonValue value && value.TryGetValue<int>(out var number) ? number : otherwise;

    /// <summary>What <paramref name="name"/> says; <paramref name="otherwise"/> where it isn't there.</summary>
    public bool Says(string name, bool otherwise) => Content[name] is JsonValue value && value.TryGetValue<bool>(out var yes) ? yes : otherwise;
}

/// <summary>The sockets of a kernel.</summary>
internal enum JupyterChannel
{
    Shell,
    Control,
    IoPub,
    Stdin,
}
