using System.Collections;

namespace LipSol.Silo.Telemetry;

/// <summary>What is told of the node, to whom, and how it's logged.</summary>
internal sealed record TelemetryOptions
{
    private const string Prefix = "OTEL_";

    /// <summary>One JSON document a line, with trace ids, rather than text for people.</summary>
    public bool JsonLogs { get; init; }

    /// <summary>OpenTelemetry's own settings (<c>OTEL_EXPORTER_OTLP_ENDPOINT</c> and so on), by their names. The one exception to the rule that nothing but options decides what a node is: collectors are configured so everywhere.</summary>
    public IReadOnlyDictionary<string, string?> OpenTelemetry { get; init; } = new Dictionary<string, string?>();

    /// <summary>The options of this process' environment.</summary>
    public static TelemetryOptions FromEnvironment() => new()
    {
        OpenTelemetry = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Where(v => ((string)v.Key).StartsWith(Prefix, StringComparison.Ordinal)).ToDictionary(v => (string)v.Key, v => (string?)v.Value, StringComparer.Ordinal),
    };

    /// <summary>Whether a signal goes to a collector: where one is named, and it isn't switched off.</summary>
    /// <param name="signal"><c>TRACES</c>, <c>METRICS</c> or <c>LOGS</c>.</param>
    public bool IsExported(string signal) =>
        (Of("EXPORTER_OTLP_ENDPOINT") ?? Of($"EXPORTER_OTLP_{signal}_ENDPOINT")) is not null && (Of($"{signal}_EXPORTER") ?? "otlp") == "otlp" && !string.Equals(Of("SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase);

    private string? Of(string name) => OpenTelemetry.TryGetValue(Prefix + name, out var value) && value is { Length: > 0 } ? value : null;
}
