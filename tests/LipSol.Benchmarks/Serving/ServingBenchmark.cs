using LipSol.Benchmarks.Running;
using LipSol.Clips;
using LipSol.Contracts.Serving;
using LipSol.Inference;
using LipSol.Silo.Serving;

namespace LipSol.Benchmarks.Serving;

/// <summary>A replica under load, as a node of this machine would serve it, against its ONNX file called directly: throughput, latency at 70 % of it, behaviour at twice of it, and memory over 50 exchanges of the model.</summary>
internal sealed class ServingBenchmark : IBenchmark
{
    private const double LeastThroughput = 0.9, MostAddedMedian = 3, MostAddedP99 = 10, MostOverloadedP99 = 1.25, LeastOverloaded = 0.9, MostMemory = 1.1;
    private const double Load = 0.7;
    private const int Clips = 16;
    private static readonly TimeSpan Throughput = TimeSpan.FromSeconds(4), Loaded = TimeSpan.FromSeconds(12), Overloaded = TimeSpan.FromSeconds(6);

    public string Name => "serving";

    public string About => "a replica through its grain against the ONNX file called directly: throughput, latency at 70 % load, refusals at twice the load, memory over 50 exchanges of the model";

    public async Task<BenchmarkReport> RunAsync(BenchmarkRun run)
    {
        // Not in the temporary folder: that may lie in memory, and the node's doesn't.
        var folder = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "serving-" + Guid.NewGuid().ToString("n")));
        try
        {
            run.Say("serving: writing the models");
            await ServedModels.WriteElsewhereAsync(folder.FullName, run.CancellationToken);
            await using var runtime = ServingSilo.Runtime(folder.FullName, new ServingOptions());
            var store = new Artifacts.FolderArtifactStore(Path.Combine(folder.FullName, "artifacts"));
            string[] models = [store.PutFolder(Path.Combine(folder.FullName, "a")), store.PutFolder(Path.Combine(folder.FullName, "b"))];
            var clips = Enumerable.Range(0, Clips).Select(i => ServedModels.Clip(i)).ToArray();
            ReadRequest[] requests = [.. clips.Select(c => new ReadRequest(MouthClipFile.ToBytes(c, packed: false), null, null))];

            List<Measured> figures = [];
            List<Ratio> ratios = [];
            // First, in a process that has done nothing else yet.
            figures.AddRange(await ExchangedModels.MeasureAsync(runtime, models, requests, MostMemory, run));
            await UnderLoadAsync(runtime, models[0], Path.Combine(folder.FullName, "a"), clips, requests, run, figures, ratios);
            return new BenchmarkReport(Name, figures, ratios);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task UnderLoadAsync(ModelRuntime runtime, string model, string folder, MouthClip[] clips, ReadRequest[] requests, BenchmarkRun run, List<Measured> figures, List<Ratio> ratios)
    {
        var (session, batching) = (new ServingOptions().Session("cpu"), new ServingOptions().Batching("cpu"));
        float[][] inputs;
        InputSpec spec;
        using (var loaded = LoadedModel.Load(folder, session))
            (inputs, spec) = ([.. clips.Select(c => loaded.Prepare(c).Input.ToArray())], loaded.Manifest.Input);
        using var bare = new BareSession(folder, spec, batching.Passes, session.Threads);
        using var other = batching.Passes > 1 ? new BareSession(folder, spec, 1, Environment.ProcessorCount) : new BareSession(folder, spec, Environment.ProcessorCount, 1);
        await using var bareQueue = bare.Serve(batching.LargestBatch);
        await using var silo = await ServingSilo.StartAsync(runtime, model);

        Task<bool> ReadAsync(int i) => ReadFromAsync(silo.Replica, i);
        async Task<bool> ReadFromAsync(IReplicaGrain replica, int i)
        {
            try
            {
                await replica.ReadAsync(requests[i % Clips]);
                return true;
            }
            catch (OverloadedException)
            {
                return false;
            }
        }
        async Task<bool> ReadBareAsync(int i)
        {
            await bareQueue.ReadAsync(inputs[i % Clips]);
            return true;
        }

        List<double> direct = [], otherDirect = [], replica = [], elsewhere = [], medians = [], p99s = [], bareMedians = [], bareP99s = [], addedMedians = [], addedP99s = [], fullP99s = [], overP99s = [], overRates = [], overToFull = [], refused = [], told = [];
        for (var r = -1; r < run.Repetitions; r++)
        {
            run.CancellationToken.ThrowIfCancellationRequested();
            run.Say($"serving: {(r < 0 ? "warming up" : $"repetition {r + 1} of {run.Repetitions}")}");
            var directly = bare.Throughput(inputs[0], batching.LargestBatch, Throughput);
            var otherwise = other.Throughput(inputs[0], batching.LargestBatch, Throughput);
            var callers = 2 * batching.Passes * batching.LargestBatch;
            var capacity = await ClosedLoop.RateAsync(callers, Throughput, ReadAsync);
            var fromElsewhere = await ClosedLoop.RateAsync(callers, Throughput, i => ReadFromAsync(silo.FromElsewhere, i));
            if (r < 0) continue; // lets ONNX Runtime lay out its memory, and the compiler see what runs often
            direct.Add(directly);
            otherDirect.Add(otherwise);
            replica.Add(capacity);
            elsewhere.Add(fromElsewhere);

            var without = await OpenLoop.RunAsync(Load * capacity, Loaded, r, ReadBareAsync);
            var with = await OpenLoop.RunAsync(Load * capacity, Loaded, r, ReadAsync);
            medians.Add(with.Quantile(0.5));
            p99s.Add(with.Quantile(0.99));
            bareMedians.Add(without.Quantile(0.5));
            bareP99s.Add(without.Quantile(0.99));
            addedMedians.Add(medians[^1] - bareMedians[^1] - batching.Delay.TotalMilliseconds);
            addedP99s.Add(p99s[^1] - bareP99s[^1] - batching.Delay.TotalMilliseconds);

            var full = await OpenLoop.RunAsync(capacity, Overloaded, r, ReadAsync);
            var over = await OpenLoop.RunAsync(2 * capacity, Overloaded, r, ReadAsync);
            fullP99s.Add(full.Quantile(0.99));
            overP99s.Add(over.Quantile(0.99));
            overToFull.Add(overP99s[^1] / fullP99s[^1]);
            overRates.Add(over.Rate);
            refused.Add(100 * over.RefusedShare);
            told.Add(over.Refused.Length == 0 ? 0 : Statistics.Median(over.Refused));
        }

        var layout = $"{batching.Passes} × {session.Threads} threads, batches of {batching.LargestBatch}";
        var best = Statistics.Median(direct) >= Statistics.Median(otherDirect) ? direct : otherDirect;
        figures.AddRange(
        [
            Measured.Of($"through the replica's grain, {layout}", replica, "clips/s"),
            Measured.Of("the same from another process", elsewhere, "clips/s"),
            Measured.Of($"reference: the ONNX file directly, {layout}", direct, "clips/s"),
            Measured.Of("reference: the same, the processors the other way", otherDirect, "clips/s"),
            Measured.Of($"at {Load:P0} load: p50", medians, "ms"),
            Measured.Of($"at {Load:P0} load: p99", p99s, "ms"),
            Measured.Of("reference: the same arrivals, a bare queue before the session: p50", bareMedians, "ms"),
            Measured.Of("reference: the same: p99", bareP99s, "ms"),
            Measured.Of($"added at p50, beyond the delay of {batching.Delay.TotalMilliseconds} ms", addedMedians, "ms") with { AtMost = MostAddedMedian },
            Measured.Of("added at p99", addedP99s, "ms") with { AtMost = MostAddedP99 },
            Measured.Of("at the load it can bear: p99", fullP99s, "ms"),
            Measured.Of("at twice the load: p99 of those accepted", overP99s, "ms"),
            Measured.Of("at twice the load: p99 of those accepted / at the load it can bear", overToFull, "×") with { AtMost = MostOverloadedP99 },
            Measured.Of("at twice the load: accepted", overRates, "clips/s"),
            Measured.Of("at twice the load: refused", refused, "%"),
            Measured.Of("at twice the load: p50 of a refusal", told, "ms"),
        ]);
        ratios.Add(new Ratio("through the grain / directly, the better way", Statistics.Median(replica.Zip(best, (a, b) => a / b)), LeastThroughput));
        ratios.Add(new Ratio("the same from another process", Statistics.Median(elsewhere.Zip(best, (a, b) => a / b))));
        ratios.Add(new Ratio("accepted at twice the load / what it can bear", Statistics.Median(overRates.Zip(replica, (a, b) => a / b)), LeastOverloaded));
    }
}
