using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace LipSol.Silo.Tests.Telemetry;

/// <summary>An OpenTelemetry collector: takes OTLP over HTTP and keeps what came, as it came.</summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentQueue<(string Signal, byte[] Body)> received = new();

    private Collector(WebApplication app) => this.app = app;

    /// <summary>How a node is told of it.</summary>
    public Dictionary<string, string?> Environment => new()
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = app.Urls.Single(),
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_RESOURCE_ATTRIBUTES"] = "deployment.environment=test",
    };

    public static async Task<Collector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var collector = new Collector(app);
        app.MapPost("/v1/{signal}", async (string signal, HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            collector.received.Enqueue((signal, body.ToArray()));
            return Results.Bytes([], "application/x-protobuf");
        });
        await app.StartAsync();
        return collector;
    }

    /// <summary>All that came of a signal: <c>traces</c>, <c>metrics</c>, <c>logs</c>. Texts stand in protobuf as they are, in UTF-8.</summary>
    public byte[] All(string signal) => [.. received.Where(r => r.Signal == signal).SelectMany(r => r.Body)];

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
