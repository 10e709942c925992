using System.Collections.Concurrent;
using LipSol.Benchmarks.Running;
using LipSol.Client;
using LipSol.Clips;
using LipSol.Testing.Cluster.Nodes;
using LipSol.Vision;

namespace LipSol.Benchmarks.Serving;

/// <summary>A node of its own process, asked over HTTP for twice of what it can bear: what it takes it answers as fast as before, the rest is told when to come back.</summary>
internal sealed class OverloadBenchmark : IBenchmark
{
    private const double MostOverloadedP99 = 1.25, LeastOverloaded = 0.9;
    private const int Clips = 16, Callers = 32;
    private static readonly TimeSpan Capacity = TimeSpan.FromSeconds(5), Loaded = TimeSpan.FromSeconds(10);
    private static readonly TranscriptionOptions Reading = new() { Model = ServedBundle.Model, Version = 1 };

    public string Name => "overload";

    public string About => "mouth clips over HTTP to a node of its own process: latency at the load it can bear and at twice of it, what becomes of the rest";

    public async Task<BenchmarkReport> RunAsync(BenchmarkRun run)
    {
        var folder = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "overload-" + Guid.NewGuid().ToString("n")));
        try
        {
            run.Say("overload: starting a node");
            await using var node = await NodeProcess.StartAsync(Path.Combine(folder.FullName, "data"));
            using (var bundle = ServedBundle.Create(folder.FullName)) await node.Client.Models.ImportAsync(bundle, cancellationToken: run.CancellationToken);
            byte[][] clips = [.. Enumerable.Range(0, Clips).Select(i => MouthClipFile.ToBytes(ServedModels.Clip(i, MouthCropper.DefaultSettings)))];
            var failures = new ConcurrentBag<string>();

            async Task<bool> ReadAsync(int i)
            {
                try
                {
                    await node.Client.Transcriptions.TranscribeAsync(new MemoryStream(clips[i % Clips]), "clip.npz", Reading, cancellationToken: run.CancellationToken);
                    return true;
                }
                catch (LipSolOverloadedException e) when (e is { Status: System.Net.HttpStatusCode.TooManyRequests, RetryAfter: not null })
                {
                    return false;
                }
                catch (LipSolException e)
                {
                    failures.Add(e.Message);
                    return false;
                }
            }

            List<double> capacities = [], fullP99s = [], overP99s = [], ratios = [], refused = [], told = [], shares = [];
            for (var r = -1; r < run.Repetitions; r++)
            {
                run.CancellationToken.ThrowIfCancellationRequested();
                run.Say($"overload: {(r < 0 ? "warming up" : $"repetition {r + 1} of {run.Repetitions}")}");
                var capacity = await ClosedLoop.RateAsync(Callers, Capacity, ReadAsync);
                if (failures.FirstOrDefault() is { } failure) throw new BenchmarkDataException($"The node answers neither 200 nor 429: {failure}");
                if (r < 0) continue;
                capacities.Add(capacity);
                var full = await OpenLoop.RunAsync(capacity, Loaded, r, ReadAsync);
                var over = await OpenLoop.RunAsync(2 * capacity, Loaded, r, ReadAsync);
                fullP99s.Add(full.Quantile(0.99));
                overP99s.Add(over.Quantile(0.99));
                ratios.Add(overP99s[^1] / fullP99s[^1]);
                refused.Add(100 * over.RefusedShare);
                told.Add(over.Refused.Length == 0 ? 0 : Statistics.Median(over.Refused));
                shares.Add(over.Rate / capacity);
            }
            return new BenchmarkReport(Name,
            [
                Measured.Of($"over HTTP, {Callers} callers", capacities, "clips/s"),
                Measured.Of("at the load it can bear: p99", fullP99s, "ms"),
                Measured.Of("at twice the load: p99 of those accepted", overP99s, "ms"),
                Measured.Of("at twice the load: p99 of those accepted / at the load it can bear", ratios, "×") with { AtMost = MostOverloadedP99 },
                Measured.Of("at twice the load: refused with 429 and Retry-After", refused, "%"),
                Measured.Of("at twice the load: p50 of a refusal", told, "ms"),
                Measured.Of("answers that were neither 200 nor 429 with Retry-After", [failures.Count], "") with { AtMost = 0 },
            ],
            [new Ratio("accepted at twice the load / what it can bear", Statistics.Median(shares), LeastOverloaded)]);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
