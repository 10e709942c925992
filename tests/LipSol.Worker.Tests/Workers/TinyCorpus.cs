using LipSol.Corpus;
using LipSol.WorkerProtocol;

[assembly: AssemblyFixture(typeof(LipSol.Worker.Tests.Workers.TinyCorpus))]

namespace LipSol.Worker.Tests.Workers;

/// <summary>A synthetic corpus of three words, drawn, tracked and cropped by the worker itself; made once, by the first test that asks.</summary>
public sealed class TinyCorpus : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Lazy<Task<CorpusResult>> made;

    public TinyCorpus() => made = new(async () =>
    {
        var (exit, _) = await RealWorker.RunAsync(Job);
        return exit.Result as CorpusResult ?? throw new InvalidOperationException($"The corpus was not made: {exit}");
    });

    public string DataFolder => folder.Path;

    internal CorpusJob Job => new()
    {
        DataFolder = DataFolder,
        Name = "tiny",
        Source = "synthetic",
        Parallelism = 2,
        Options = new Dictionary<string, string>
        {
            ["words"] = "آپ جی کون",
            ["speakers"] = "2",
            ["unseen"] = "1",
            ["takes"] = "2",
            ["val-takes"] = "1",
            ["test-takes"] = "1",
            ["unseen-takes"] = "1",
        },
    };

    public Task<CorpusResult> ResultAsync() => made.Value;

    public async Task<CorpusManifest> ManifestAsync() => new CorpusCatalog(DataFolder).GetVersion((await made.Value).DataHash);

    /// <summary>A run on it with a network small enough for a test.</summary>
    internal async Task<TrainingJob> TrainingJobAsync(string workFolder, params (string Key, string Value)[] parameters)
    {
        var settings = new Dictionary<string, string>
        {
            ["epochs"] = "2",
            ["batch_size"] = "4",
            ["warmup_epochs"] = "1",
            ["resize"] = "32",
            ["size"] = "28",
            ["front"] = "16",
            ["width"] = "16",
            ["stages"] = "1",
            ["scale_width"] = "16",
            ["temporal_blocks"] = "1",
        };
        foreach (var (key, value) in parameters) settings[key] = value;
        return new TrainingJob
        {
            RunId = "run-7",
            Epoch = 1,
            ArtifactRoot = Path.Combine(DataFolder, "artifacts"),
            WorkFolder = workFolder,
            DataHash = (await made.Value).DataHash,
            Network = "word-tcn",
            Parameters = settings,
            Seed = 11,
            Threads = 1,
            CodeVersion = "1.2.3-test",
        };
    }

    public void Dispose() => folder.Dispose();
}
