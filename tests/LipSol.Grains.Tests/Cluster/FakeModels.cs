using System.Collections.Concurrent;
using LipSol.Contracts.Serving;
using LipSol.Grains.Ports;
using LipSol.Language.Evaluation;

namespace LipSol.Grains.Tests.Cluster;

/// <summary>Runtimes without ONNX, one a node: every model reads its own name. Artifacts are evaluations kept in memory.</summary>
internal sealed class FakeModels : IArtifactReader, IArtifactWriter
{
    private readonly ConcurrentDictionary<string, byte[]> _artifacts = new();
    private int _kept;
    private readonly ConcurrentDictionary<string, FakeRuntime> _runtimes = new();

    /// <summary>Evaluations by model artifact and data hash, for models measured on other data.</summary>
    public ConcurrentDictionary<(string Model, string DataHash), Evaluation> OnOtherData { get; } = new();

    public ConcurrentBag<string> Evaluated { get; } = [];

    public ConcurrentDictionary<string, Exception> Broken { get; } = new();

    /// <summary>Models that one node can't load.</summary>
    public ConcurrentDictionary<(string Node, string Model), Exception> BrokenOn { get; } = new();

    /// <summary>What each load waits for.</summary>
    public Func<string, string, Task> Loading { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>What each read throws, by node and model; null where it reads.</summary>
    public Func<string, string, Exception?> Failing { get; set; } = (_, _) => null;

    /// <summary>What a model reads instead of its name.</summary>
    public Func<string, byte[], string> Text { get; set; } = (model, _) => model;

    /// <summary>How often each model was read with, by node.</summary>
    public ConcurrentDictionary<(string Node, string Model), int> Reads { get; } = new();

    /// <summary>Reads of a model that wasn't loaded before it was asked.</summary>
    public int ColdReads;

    /// <summary>What each read does with what it's asked, before it waits.</summary>
    public Action<ReadRequest, CancellationToken> Asked { get; set; } = (_, _) => { };

    /// <summary>What each read waits for.</summary>
    public Func<string, Task> Reading { get; set; } = _ => Task.CompletedTask;

    public bool IsLoaded(string model) => _runtimes.Values.Any(r => r.IsLoaded(model));

    public bool IsLoadedOn(string node, string model) => On(node).IsLoaded(model);

    /// <summary>A node's runtime.</summary>
    public FakeRuntime On(string node) => _runtimes.GetOrAdd(node, n => new FakeRuntime(this, n));

    public string Keep(Evaluation evaluation) => Keep(EvaluationFile.ToBytes(evaluation));

    public string Keep(byte[] artifact)
    {
        string hash = $"evaluation-{Interlocked.Increment(ref _kept)}";
        _artifacts[hash] = artifact;
        return hash;
    }

    public void Lose(string hash) => _artifacts.TryRemove(hash, out _);

    public Task<string> WriteAsync(byte[] content, CancellationToken cancellationToken) => Task.FromResult(Keep(content));

    /// <summary>What fetching an artifact waits for.</summary>
    public Func<string, Task> Fetching { get; set; } = _ => Task.CompletedTask;

    public async Task<byte[]> ReadAsync(string hash, CancellationToken cancellationToken)
    {
        await Fetching(hash);
        return _artifacts.TryGetValue(hash, out byte[]? bytes) ? bytes : throw new FileNotFoundException($"There's no artifact {hash}.");
    }
}

/// <summary>The runtime of one node.</summary>
internal sealed class FakeRuntime(FakeModels models, string node) : IModelRuntime
{
    private readonly ConcurrentDictionary<string, bool> _loaded = new();

    public bool IsLoaded(string model) => _loaded.ContainsKey(model);

    public async Task LoadAsync(string modelArtifact, CancellationToken cancellationToken)
    {
        await models.Loading(node, modelArtifact);
        if (models.Broken.TryGetValue(modelArtifact, out Exception? everywhere)) throw everywhere;
        if (models.BrokenOn.TryGetValue((node, modelArtifact), out Exception? here)) throw here;
        _loaded[modelArtifact] = true;
    }

    public async Task<RuntimeReading> ReadAsync(string modelArtifact, ReadRequest request, CancellationToken cancellationToken)
    {
        if (request.MouthClip.Length == 0) throw new UnreadableInputException("The clip is empty.", "empty");
        if (!IsLoaded(modelArtifact))
        {
            Interlocked.Increment(ref models.ColdReads);
            await LoadAsync(modelArtifact, cancellationToken);
        }
        models.Asked(request, cancellationToken);
        if (models.Failing(node, modelArtifact) is { } failure) throw failure;
        await models.Reading(modelArtifact);
        models.Reads.AddOrUpdate((node, modelArtifact), 1, (_, n) => n + 1);
        string text = models.Text(modelArtifact, request.MouthClip);
        return new RuntimeReading(text, 0.9, [], [new Alternative(text, 0.9)], [], "run", "data", false, "cpu", 1);
    }

    public Task<Evaluation> EvaluateAsync(string modelArtifact, string dataHash, string? decoder, CancellationToken cancellationToken)
    {
        models.Evaluated.Add($"{modelArtifact} on {dataHash}");
        return Task.FromResult(models.OnOtherData[(modelArtifact, dataHash)]);
    }

    public Task UnloadAsync(string modelArtifact)
    {
        _loaded.TryRemove(modelArtifact, out _);
        return Task.CompletedTask;
    }
}
