using System.Collections.Concurrent;
using System.Threading.Channels;
using LipSol.Artifacts;
using LipSol.Contracts.Runs;
using LipSol.Grains.Ports;
using LipSol.Inference;
using LipSol.Inference.Tests.Networks;
using LipSol.Language.Decoding;
using LipSol.Language.Evaluation;

namespace LipSol.Silo.Tests.Nodes;

/// <summary>Speaks as the worker processes would: the test decides what a run reports. What it leaves are a real model folder and a real evaluation.</summary>
internal sealed class ScriptedWorkers(string dataFolder) : IWorkerHost
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Channel<ScriptedWorker> started = Channel.CreateUnbounded<ScriptedWorker>();
    private readonly ConcurrentDictionary<(string, long), ScriptedWorker> alive = new();

    public Task StartAsync(WorkerStart start, IWorkerEvents events, CancellationToken cancellationToken)
    {
        var worker = new ScriptedWorker(start, events, dataFolder, () => alive.TryRemove((start.RunId, start.Epoch), out _));
        alive[(start.RunId, start.Epoch)] = worker;
        started.Writer.TryWrite(worker);
        return Task.CompletedTask;
    }

    public Task StopAsync(string runId, long epoch, TimeSpan grace)
    {
        if (alive.TryGetValue((runId, epoch), out var worker)) _ = worker.EndAsync(RunStatus.Stopped);
        return Task.CompletedTask;
    }

    public Task InterruptAsync(string runId, long epoch, string reason, TimeSpan grace)
    {
        if (alive.TryGetValue((runId, epoch), out var worker)) _ = worker.EndAsync(RunStatus.Interrupted, reason);
        return Task.CompletedTask;
    }

    public bool IsRunning(string runId, long epoch) => alive.ContainsKey((runId, epoch));

    /// <summary>The next worker that starts.</summary>
    public Task<ScriptedWorker> NextAsync() => started.Reader.ReadAsync().AsTask().WaitAsync(Patience);
}

/// <summary>One worker.</summary>
internal sealed class ScriptedWorker(WorkerStart start, IWorkerEvents events, string dataFolder, Action gone)
{
    private long batch;

    public string RunId => start.RunId;

    public WorkerStart Start => start;

    public Task ReportAsync(params (string Name, long Step, double Value)[] points) =>
        events.MetricsAsync(++batch, [.. points.Select(p => new MetricPoint(p.Name, p.Step, p.Value, DateTimeOffset.UnixEpoch))]);

    public Task CheckpointAsync(string artifact, long step, double? score = null) => events.CheckpointAsync(new Checkpoint(artifact, step, 1, DateTimeOffset.UnixEpoch) { Score = score });

    public Task KeepAsync(string name, string artifact) => events.ArtifactAsync(name, artifact);

    public Task HeartbeatAsync(double progress) => events.HeartbeatAsync(new WorkerHeartbeat(1, progress, "training", DateTimeOffset.UtcNow, 1));

    public Task EndAsync(RunStatus status, string? reason = null)
    {
        gone();
        return events.EndedAsync(new AttemptEnd(status, reason, null));
    }

    /// <summary>Leaves a model of letters and what its decoders read, and completes. The run's own decoder is the first.</summary>
    public Task CompleteSentencesAsync(params (DecoderKind Kind, IEnumerable<EvaluatedSample> Read)[] byDecoder)
    {
        gone();
        var store = new FolderArtifactStore(Path.Combine(dataFolder, "artifacts"));
        using var folder = new TemporaryFolder();
        var evaluations = byDecoder.Select(d => (d.Kind, Hash: store.PutBytes(EvaluationFile.ToBytes(EvaluationFile.Create(start.Spec.DataHash, d.Read))))).ToArray();
        return events.EndedAsync(new AttemptEnd(RunStatus.Completed, null, new RunOutcome
        {
            ModelArtifact = store.PutFolder(GreyLettersModel.Write(Path.Combine(folder.Path, "model"), GreyLettersModel.Manifest(start.RunId, start.Spec.DataHash))),
            EvaluationArtifact = evaluations[0].Hash,
            Figures = [],
            Artifacts = evaluations.ToDictionary(e => $"evaluation-{DecoderNames.Of(e.Kind)}.json", e => e.Hash),
        }));
    }

    /// <summary>Leaves a model and its evaluation, of the accuracy given, and completes. What the model itself reads is decided by its manifest.</summary>
    public Task CompleteAsync(double accuracy = 1, Func<ModelManifest, ModelManifest>? change = null, IEnumerable<EvaluatedSample>? read = null, byte[]? weights = null, byte[]? network = null)
    {
        gone();
        var store = new FolderArtifactStore(Path.Combine(dataFolder, "artifacts"));
        using var folder = new TemporaryFolder();
        var manifest = BrightnessModel.Manifest(start.RunId, start.Spec.DataHash);
        var modelFolder = BrightnessModel.Write(Path.Combine(folder.Path, "model"), change?.Invoke(manifest) ?? manifest, network: network);
        if (weights is not null) File.WriteAllBytes(Path.Combine(modelFolder, ModelManifestFile.WeightsName), weights);
        var model = store.PutFolder(modelFolder);
        var samples = read ?? Enumerable.Range(0, 100).Select(i => new EvaluatedSample($"clip{i:000}#0", "a", true, "کب", i < 100 * accuracy ? "کب" : "ایک", 0.9));
        var evaluation = EvaluationFile.Create(start.Spec.DataHash, samples);
        var figures = EvaluationReport.From(evaluation).Figures.ToDictionary(f => f.Key, f => new Estimate(f.Value.Value, f.Value.Low, f.Value.High, f.Value.Count));
        return events.EndedAsync(new AttemptEnd(RunStatus.Completed, null, new RunOutcome
        {
            ModelArtifact = model,
            EvaluationArtifact = store.PutBytes(EvaluationFile.ToBytes(evaluation)),
            Figures = figures,
            OnnxMaxAbsDifference = 1e-6,
        }));
    }
}
