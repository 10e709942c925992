using System.Diagnostics;
using System.Text.Json;
using LipSol.Silo.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace LipSol.Silo.Tests.Telemetry;

public sealed class JsonLinesTests
{
    [Fact]
    public void An_entry_is_one_line_of_JSON_with_the_trace_that_it_belongs_to_and_no_scope()
    {
        using var activity = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start();
        var scopes = new LoggerExternalScopeProvider();
        using var scope = scopes.Push(new Dictionary<string, object> { ["RequestPath"] = "/api/v1/artifacts/x.dir/name.mp4" });
        using var text = new StringWriter();
        new JsonLines().Write(new LogEntry<string>(LogLevel.Warning, "LipSol.Some.Where", new EventId(3), "two\nlines, ایک", new InvalidOperationException("broken"), (state, _) => state), scopes, text);

        Assert.Equal(1, text.ToString().Count(c => c == '\n'));
        Assert.Contains("ایک", text.ToString());
        Assert.DoesNotContain("name.mp4", text.ToString());
        using var json = JsonDocument.Parse(text.ToString());
        var entry = json.RootElement;
        Assert.Equal(("warning", "LipSol.Some.Where", "two\nlines, ایک"), (entry.GetProperty("level").GetString(), entry.GetProperty("category").GetString(), entry.GetProperty("message").GetString()));
        Assert.Equal((activity.TraceId.ToHexString(), activity.SpanId.ToHexString()), (entry.GetProperty("trace").GetString(), entry.GetProperty("span").GetString()));
        Assert.Contains("InvalidOperationException: broken", entry.GetProperty("error").GetString());
        Assert.True(DateTimeOffset.UtcNow - entry.GetProperty("time").GetDateTimeOffset() < TimeSpan.FromMinutes(1));
    }

    [Fact]
    public void Outside_of_a_request_there_is_no_trace_and_without_an_error_no_error()
    {
        Activity.Current = null;
        using var text = new StringWriter();
        new JsonLines().Write(new LogEntry<string>(LogLevel.Information, "c", default, "m", null, (state, _) => state), null, text);
        using var json = JsonDocument.Parse(text.ToString());
        Assert.Equal(["time", "level", "category", "message"], json.RootElement.EnumerateObject().Select(p => p.Name));
    }

    [Theory]
    [InlineData(false, "TRACES")]
    [InlineData(true, "TRACES", "OTEL_EXPORTER_OTLP_ENDPOINT=http://x")]
    [InlineData(true, "METRICS", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=http://x")]
    [InlineData(false, "TRACES", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=http://x")]
    [InlineData(false, "LOGS", "OTEL_EXPORTER_OTLP_ENDPOINT=http://x", "OTEL_LOGS_EXPORTER=none")]
    [InlineData(false, "TRACES", "OTEL_EXPORTER_OTLP_ENDPOINT=http://x", "OTEL_SDK_DISABLED=true")]
    [InlineData(false, "TRACES", "OTEL_EXPORTER_OTLP_ENDPOINT=")]
    public void A_signal_is_sent_where_a_collector_is_named_and_it_is_not_switched_off(bool due, string signal, params string[] environment) =>
        Assert.Equal(due, new TelemetryOptions { OpenTelemetry = environment.Select(e => e.Split('=', 2)).ToDictionary(e => e[0], e => (string?)e[1]) }.IsExported(signal));
}
