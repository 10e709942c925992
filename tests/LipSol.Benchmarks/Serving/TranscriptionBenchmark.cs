using System.Diagnostics;
using LipSol.Benchmarks.Running;
using LipSol.Client;
using LipSol.Testing.Cluster.Nodes;

namespace LipSol.Benchmarks.Serving;

/// <summary>From a video to its text over HTTP, on a node of its own process: where the time goes, one caller at a time.</summary>
internal sealed class TranscriptionBenchmark : IBenchmark
{
    private const int Clips = 12;

    public string Name => "transcription";

    public string About => "from GRID's videos to texts over HTTP, one at a time: milliseconds of each stage, as the answers tell them, and as the caller sees it";

    public async Task<BenchmarkReport> RunAsync(BenchmarkRun run)
    {
        var clips = Directory.EnumerateFiles(Path.Combine(run.GridFolder(), "s1", "video"), "*.mpg").Order(StringComparer.Ordinal).Take(Clips).ToArray();
        if (clips.Length == 0) throw new BenchmarkDataException($"{run.GridFolder()} has no s1/video/*.mpg.");
        var folder = Directory.CreateTempSubdirectory("lipsol-transcription-");
        try
        {
            run.Say("transcription: starting a node");
            await using var node = await NodeProcess.StartAsync(Path.Combine(folder.FullName, "data"));
            using (var bundle = ServedBundle.Create(folder.FullName)) await node.Client.Models.ImportAsync(bundle, cancellationToken: run.CancellationToken);
            List<Answer> answers = [];
            for (var r = -1; r < run.Repetitions; r++)
            {
                run.Say($"transcription: {(r < 0 ? "warming up" : $"repetition {r + 1} of {run.Repetitions}")}");
                foreach (var clip in clips)
                    if (await ReadAsync(node, clip, run.CancellationToken) is { } answer && r >= 0) answers.Add(answer);
            }
            if (answers.Count == 0) throw new BenchmarkDataException("No clip could be read.");
            return new BenchmarkReport(Name, [.. Figures(answers)], []);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static IEnumerable<Measured> Figures(IReadOnlyList<Answer> answers)
    {
        var frames = $"of {Statistics.Median(answers.Select(a => (double)a.Provenance.Frames)):0} frames";
        foreach (var stage in answers[0].Provenance.Milliseconds.Keys) yield return Spread($"{(stage == "total" ? "all stages" : stage)}, p50 of {answers.Count} answers {frames}", [.. answers.Select(a => a.Provenance.Milliseconds[stage])]);
        yield return Spread("as the caller sees it: p50", [.. answers.Select(a => a.Milliseconds)]);
        yield return Spread("the same, less all stages: p50", [.. answers.Select(a => a.Milliseconds - a.Provenance.Milliseconds["total"])]);
    }

    // From the tenth to the ninetieth percentile: a single slow answer among many isn't the spread.
    private static Measured Spread(string what, double[] values)
    {
        Array.Sort(values);
        return new Measured(what, Statistics.Median(values), values[values.Length / 10], values[^(1 + values.Length / 10)], "ms");
    }

    private static async Task<Answer?> ReadAsync(NodeProcess node, string clip, CancellationToken cancellationToken)
    {
        try
        {
            var begun = Stopwatch.GetTimestamp();
            var transcription = await node.Client.Transcriptions.TranscribeAsync(clip, new TranscriptionOptions { Model = ServedBundle.Model, Version = 1 }, cancellationToken: cancellationToken);
            return new Answer(Stopwatch.GetElapsedTime(begun).TotalMilliseconds, transcription.Provenance);
        }
        catch (LipSolRefusedException)
        {
            return null; // one of GRID's videos is corrupt
        }
    }

    private sealed record Answer(double Milliseconds, Provenance Provenance);
}
