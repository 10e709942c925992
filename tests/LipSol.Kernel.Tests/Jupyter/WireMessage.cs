using System.Text.Json.Nodes;

namespace LipSol.Kernel.Tests.Jupyter;

/// <summary>A message as it came over the wire.</summary>
internal sealed record WireMessage(JsonObject Header, JsonObject Parent, JsonObject Content)
{
    public string Type => Header["msg_type"]!.ToString();

    public string ParentId => Parent["msg_id"]?.ToString() ?? "";

    public string Status => Content["status"]?.ToString() ?? "";

    public string? Text(string mimeType) => Content["data"]?[mimeType]?.ToString();
}
