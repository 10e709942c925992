using LipSol.Silo.Node;
using Microsoft.Extensions.Logging.Console;
using OpenTelemetry.Instrumentation.AspNetCore;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Orleans.Diagnostics;

namespace LipSol.Silo.Telemetry;

/// <summary>Puts logs, metrics and traces together.</summary>
internal static class TelemetryServices
{
    /// <summary>Where Prometheus gets the metrics.</summary>
    public const string MetricsPath = "/metrics";

    private const string OrleansMeter = "Microsoft.Orleans";
    private const int OrleansSeries = 200;

    private static readonly string[] Meters =
        [Signals.Name, OrleansMeter, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.RateLimiting", "System.Runtime"];

    public static void AddTelemetry(this WebApplicationBuilder builder, NodeOptions options)
    {
        var telemetry = options.Telemetry;
        // It reads its own settings by their own names.
        builder.Configuration.AddInMemoryCollection(telemetry.OpenTelemetry);
        if (telemetry.JsonLogs) builder.Logging.AddConsole(console => console.FormatterName = JsonLines.FormatterName).AddConsoleFormatter<JsonLines, ConsoleFormatterOptions>();
        else builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
        builder.Services.AddMetrics();
        builder.Services.AddSingleton<ClusterSignals>();

        var open = builder.Services.AddOpenTelemetry().ConfigureResource(resource =>
        {
            if (!telemetry.OpenTelemetry.ContainsKey("OTEL_SERVICE_NAME")) resource.AddService("lipsol", serviceVersion: NodeVersion.Text.Split('+')[0], autoGenerateServiceInstanceId: false);
            resource.AddAttributes([new("service.instance.id", options.Name)]);
        });
        open.WithMetrics(metrics =>
        {
            metrics.AddMeter(Meters).AddPrometheusExporter();
            // Room for each combination of an instrument's tags is taken ahead, 2,000 without this: of Orleans' instruments, which have few, that is most of what metrics would take (25 MB).
            metrics.AddView(instrument => instrument.Meter.Name == OrleansMeter ? new MetricStreamConfiguration { CardinalityLimit = OrleansSeries } : null);
            if (telemetry.IsExported("METRICS")) metrics.AddOtlpExporter();
        });
        if (telemetry.IsExported("TRACES"))
            open.WithTracing(traces => traces.AddSource(Signals.Name, ActivitySources.AllActivitySourceName).AddAspNetCoreInstrumentation(Describe).AddOtlpExporter());
        if (telemetry.IsExported("LOGS")) open.WithLogging(logs => logs.AddOtlpExporter());
    }

    /// <summary>Grain calls as spans, where they are collected; the trace goes along with a call to another node either way.</summary>
    public static void AddTelemetry(this ISiloBuilder silo, NodeOptions options)
    {
        if (options.Telemetry.IsExported("TRACES")) silo.AddActivityPropagation();
    }

    /// <summary>A request as its endpoint and its answer: neither what stands in its address nor whose program it is.</summary>
    private static void Describe(AspNetCoreTraceInstrumentationOptions traces)
    {
        traces.Filter = context => !context.Request.Path.StartsWithSegments("/health") && !context.Request.Path.StartsWithSegments(MetricsPath);
        traces.EnrichWithHttpRequest = (span, _) => span.SetTag("url.query", null).SetTag("user_agent.original", null);
        traces.EnrichWithHttpResponse = (span, response) => span.SetTag("url.path", RequestSignals.Route(response.HttpContext));
    }
}
