using LipSol.Benchmarks.Running;
using LipSol.Clips;
using LipSol.Models.Networks;
using LipSol.Models.Samples;
using LipSol.Models.Training;
using TorchSharp;

namespace LipSol.Benchmarks.Training;

/// <summary>Training that cuts and varies its samples against the same loop on tensors that are in memory already: what the loader costs.</summary>
internal sealed class DataLoaderBenchmark : IBenchmark
{
    private const int Steps = 20, BatchSize = 32, Classes = 51, Clips = 60, Frames = 75, Seed = 1;

    public string Name => "data-loader";

    public string About => "training with the data loader, against the same loop on tensors in memory";

    public Task<BenchmarkReport> RunAsync(BenchmarkRun run) => Task.Run(() => Measure(run));

    private BenchmarkReport Measure(BenchmarkRun run)
    {
        var parameters = TrainingParameters.Resolve("word-tcn", new Dictionary<string, string> { ["epochs"] = "1", ["batch_size"] = $"{BatchSize}" });
        var spec = new InputSpec { Frames = 29, Resize = parameters.Training.Resize, Size = parameters.Training.Size, Mean = 0.5, StandardDeviation = 0.3, MarksWord = true };
        var examples = Examples(spec.Resize);
        var loader = new WordBatches(examples, [.. examples.Select((_, i) => i % Classes)], spec, Classes, parameters.Words, parameters.Augmentation, BatchSize, Seed);

        torch.set_num_threads(Environment.ProcessorCount);
        Train(loader, parameters, spec); // torch plans its convolutions at their first use
        List<double> loading = [], inMemory = [];
        for (var i = 0; i < run.Repetitions; i++)
        {
            run.CancellationToken.ThrowIfCancellationRequested();
            run.Say($"data-loader {i + 1}/{run.Repetitions}");
            loading.Add(Train(loader, parameters, spec));
            inMemory.Add(Train(InMemory.Of(loader), parameters, spec));
        }
        var ratio = Statistics.Median(loading.Zip(inMemory, (ours, theirs) => ours / theirs));
        return new BenchmarkReport(Name,
            [Measured.Of("with the data loader", loading, "clips/s"), Measured.Of("tensors in memory", inMemory, "clips/s")],
            [new Ratio("with the loader / in memory", ratio, AtLeast: 0.85)]);
    }

    private static double Train(IBatchSource batches, TrainingParameters parameters, InputSpec spec)
    {
        torch.manual_seed(Seed);
        using var network = NetworkRegistry.Create("word-tcn", parameters.All, spec, Classes);
        var folder = Directory.CreateTempSubdirectory("lipsol-bench-");
        try
        {
            var trainer = new Trainer(network, parameters.Training, new BatchesAlone(batches, spec), new TrainingPosition { Run = "", Seed = Seed }, frozen: null, torch.CPU, new Silent(), TimeProvider.System);
            return trainer.Train(Path.Combine(folder.FullName, "checkpoint"), resumeFrom: null, CancellationToken.None).ClipsPerSecond;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static List<WordExample> Examples(int edge)
    {
        var random = new Random(Seed);
        var clips = Enumerable.Range(0, Clips).Select(_ =>
        {
            var pixels = new byte[Frames * edge * edge];
            random.NextBytes(pixels);
            return new PooledClip(pixels, edge, 25);
        }).ToList();
        return [.. Enumerable.Range(0, Steps * BatchSize).Select(i => new WordExample($"{i}", "s1", $"{i % Classes}", clips[i % Clips], new WordSpan(20 + i % 30, 28 + i % 30), true))];
    }

    /// <summary>An epoch's batches, made beforehand.</summary>
    private sealed class InMemory(IReadOnlyList<Batch> batches) : IBatchSource
    {
        public static InMemory Of(BatchLoader loader) => new([.. Enumerable.Range(0, loader.Steps(0)).Select(step => loader.Make(0, step))]);

        public int Steps(int epoch) => batches.Count;

        public IEnumerable<Batch> Epoch(int epoch, int first = 0) => batches.Skip(first);
    }

    /// <summary>Training without val and test.</summary>
    private sealed class BatchesAlone(IBatchSource batches, InputSpec input) : TrainingTask
    {
        public override IReadOnlyList<string> Vocabulary => [];

        public override InputSpec Input => input;

        public override IBatchSource Batches => batches;

        public override (string Name, double Value) TrainFigure(long right, long of) => ("train_accuracy", (double)right / of);

        public override Validation? Validate(Network network, torch.Device device) => null;

        public override TrainingResult Evaluate(Network network, torch.Device device, TrainingResult result, Action<double> progress) => result;
    }

    private sealed class Silent : ITrainingObserver
    {
        public void Metric(string name, long step, double value) { }

        public void Progress(string phase, double fraction, long step) { }

        public void Checkpoint(WrittenCheckpoint written) { }
    }
}
