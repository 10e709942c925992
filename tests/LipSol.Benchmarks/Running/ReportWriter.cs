using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace LipSol.Benchmarks.Running;

internal static class ReportWriter
{
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>One JSON document.</summary>
    public static string ToJson(IEnumerable<BenchmarkReport> reports) =>
        JsonSerializer.Serialize(new { machine = Machine(), benchmarks = reports }, Json);

    /// <summary>Lines for people.</summary>
    public static string ToText(BenchmarkReport report)
    {
        var lines = new List<string> { report.Name };
        var width = report.Figures.Select(f => f.What.Length).Concat(report.Ratios.Select(r => r.What.Length)).Max() + 2;
        foreach (var figure in report.Figures)
        {
            var spread = figure.Low < figure.High ? $"   ({Number(figure.Low)} to {Number(figure.High)})" : "";
            lines.Add($"  {figure.What.PadRight(width)}{Number(figure.Median),12} {figure.Unit}{spread}{Bar(figure.AtMost, figure.AtLeast, figure.Reached)}");
        }
        foreach (var ratio in report.Ratios)
        {
            lines.Add($"  {ratio.What.PadRight(width)}{Number(ratio.Value),12} ×{Bar(null, ratio.AtLeast, ratio.Reached)}");
        }
        return string.Join(Environment.NewLine, lines);
    }

    private static string Bar(double? atMost, double? atLeast, bool? reached) => reached is null ? ""
        : $"   ({(atMost is { } most ? $"at most {Number(most)}" : $"at least {Number(atLeast!.Value)}")}: {(reached == true ? "reached" : "MISSED")})";

    private static object Machine() => new { cores = Environment.ProcessorCount, os = System.Runtime.InteropServices.RuntimeInformation.OSDescription, dotnet = Environment.Version.ToString() };

    private static string Number(double value) => value.ToString(Math.Abs(value) >= 1000 ? "N0" : Math.Abs(value) >= 10 ? "0.0" : "0.###", CultureInfo.InvariantCulture);
}
