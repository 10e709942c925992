using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using LipSol.WorkerProtocol;

namespace LipSol.Cli.Demo;

/// <summary>summary.json: what the demo came to, for programs.</summary>
internal static class DemoSummary
{
    public static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    public static object Of(CorpusResult corpus, NotebookResults results, IReadOnlyDictionary<string, double> seconds) => new
    {
        frames_tracked = corpus.Frames == 0 ? 0 : corpus.Tracked / (double)corpus.Frames,
        clips_refused = corpus.Refused,
        runs = results.Runs.Select(r => new
        {
            run = r.Id,
            name = r.Name,
            status = r.Status,
            chosen = r.Id == results.Chosen,
            accuracy = new { overall = r.WordAccuracy?.Value, seen = r.Seen?.Value, unseen = r.Unseen?.Value },
            seconds = r.Seconds,
        }),
        promoted = results.Promoted is { } p ? new { model = p.Model, version = p.Version, run = p.Run } : null,
        accuracy = new { seen = results.Accuracy.Seen, unseen = results.Accuracy.Unseen },
        samples = results.Samples.Select(s => new { expected = s.Expected, text = s.Text, confidence = s.Confidence }),
        onnx_max_abs_diff = results.OnnxMaxAbsDiff,
        seconds,
    };
}
