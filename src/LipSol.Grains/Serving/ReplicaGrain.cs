using LipSol.Contracts.Models;
using LipSol.Contracts.Runs;
using LipSol.Contracts.Serving;
using LipSol.Grains.Nodes;
using LipSol.Grains.Ports;
using LipSol.Grains.Serving.Routing;
using LipSol.Grains.Serving.Versions;
using Orleans.Concurrency;

namespace LipSol.Grains.Serving;

/// <summary>Serves one version on one node. The session itself is the runtime's, and what stays in memory is <see cref="NodeVersions"/>' to say: an activation that ends, as when its entry in the directory went with another node, unloads nothing.</summary>
[GrainType("replica"), OnNodeOfKey, Reentrant, CollectionAgeLimit(Hours = 2)]
internal sealed class ReplicaGrain(IModelRuntime runtime, NodeVersions versions, ServingBoard board, ClusterNodes nodes) : Grain, IReplicaGrain
{
    private string? _artifact;

    private string VersionKey => NodePlacement.Split(this.GetPrimaryKeyString()).Name;

    public async Task<Reading> ReadAsync(ReadRequest request, CancellationToken cancellationToken)
    {
        string artifact = _artifact ??= await FindArtifactAsync();
        using IDisposable use = versions.Use(artifact);
        if (request.WarmOnly && !versions.IsWarm(artifact)) throw new ColdReplicaException($"Node {nodes.Local} hasn't loaded {VersionKey}.");
        if (request.Pinned) await versions.PinAsync(artifact);
        RuntimeReading reading = await runtime.ReadAsync(artifact, request, cancellationToken);
        (string model, int version) = ModelVersionKey.Parse(VersionKey);
        return new Reading
        {
            Text = reading.Text,
            Confidence = reading.Confidence,
            Words = reading.Words,
            Alternatives = reading.Alternatives,
            LookAlike = reading.LookAlike,
            Model = model,
            Version = version,
            RunId = reading.RunId,
            DataHash = reading.DataHash,
            Device = reading.Device,
            Node = nodes.Local,
            NetworkMilliseconds = reading.NetworkMilliseconds,
            Synthetic = reading.Synthetic,
            Notes = reading.Notes,
            Decoder = reading.Decoder,
            WaitedMilliseconds = reading.WaitedMilliseconds,
            DecodingMilliseconds = reading.DecodingMilliseconds,
            DecodingSettings = reading.DecodingSettings,
        };
    }

    private async Task<string> FindArtifactAsync()
    {
        (string name, int number) = ModelVersionKey.Parse(VersionKey);
        if (board.FindArtifact(name, number) is { } told) return told;
        ModelVersion? version = await GrainFactory.GetGrain<IModelVersionGrain>(VersionKey).GetAsync();
        return version?.Outcome.ModelArtifact ?? throw new RefusedException($"There's no model version {VersionKey}.");
    }
}
