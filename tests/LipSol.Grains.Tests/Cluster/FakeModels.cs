using System.Collections.Concurrent;
using LipSol.Contracts.Serving;
using LipSol.Grains.Ports;
using LipSol.Language.Evaluation;

namespace LipSol.Grains.Tests.Cluster;

/// <summary>A runtime without ONNX: every model reads its own name. Artifacts are evaluations kept in memory.</summary>
internal sealed class FakeModels : IModelRuntime, IArtifactReader
{
    private readonly ConcurrentDictionary<string, byte[]> _artifacts = new();
    private readonly ConcurrentDictionary<string, bool> _loaded = new();

    /// <summary>Evaluations by model artifact and data hash, for models measured on other data.</summary>
    public ConcurrentDictionary<(string Model, string DataHash), Evaluation> OnOtherData { get; } = new();

    public ConcurrentBag<string> Evaluated { get; } = [];

    public ConcurrentDictionary<string, Exception> Broken { get; } = new();

    /// <summary>Reads of a model that wasn't loaded before it was asked.</summary>
    public int ColdReads;

    /// <summary>What each read waits for.</summary>
    public Func<string, Task> Reading { get; set; } = _ => Task.CompletedTask;

    public bool IsLoaded(string model) => _loaded.ContainsKey(model);

    public string Keep(Evaluation evaluation)
    {
        string hash = $"evaluation-{_artifacts.Count}";
        _artifacts[hash] = EvaluationFile.ToBytes(evaluation);
        return hash;
    }

    public Task LoadAsync(string modelArtifact, CancellationToken cancellationToken)
    {
        if (Broken.TryGetValue(modelArtifact, out Exception? e)) return Task.FromException(e);
        _loaded[modelArtifact] = true;
        return Task.CompletedTask;
    }

    public async Task<RuntimeReading> ReadAsync(string modelArtifact, ReadRequest request, CancellationToken cancellationToken)
    {
        if (request.MouthClip.Length == 0) throw new UnreadableInputException("The clip is empty.", "empty");
        if (_loaded.TryAdd(modelArtifact, true)) Interlocked.Increment(ref ColdReads);
        await Reading(modelArtifact);
        return new RuntimeReading(modelArtifact, 0.9, [], [new Alternative(modelArtifact, 0.9)], [], "run", "data", false, "cpu", 1);
    }

    public Task<Evaluation> EvaluateAsync(string modelArtifact, string dataHash, string? decoder, CancellationToken cancellationToken)
    {
        Evaluated.Add($"{modelArtifact} on {dataHash}");
        return Task.FromResult(OnOtherData[(modelArtifact, dataHash)]);
    }

    public Task UnloadAsync(string modelArtifact)
    {
        _loaded.TryRemove(modelArtifact, out _);
        return Task.CompletedTask;
    }

    public Task<byte[]> ReadAsync(string hash, CancellationToken cancellationToken) =>
        _artifacts.TryGetValue(hash, out byte[]? bytes) ? Task.FromResult(bytes) : throw new FileNotFoundException($"There's no artifact {hash}.");
}
